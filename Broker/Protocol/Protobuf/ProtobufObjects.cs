using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Writes the fields of messages that several Protobuf messages share: backwards, as <see cref="ProtobufWriter"/> requires.</summary>
internal static class ProtobufObjects
{
    public static void WriteClient(ref ProtobufWriter writer, ClientInfo client)
    {
        writer.Bytes(4, client.ChannelInfo.Span);
        writer.Bytes(3, client.ConnectionInfo.Span);
        writer.Text(2, client.Client);
        writer.Text(1, client.User);
    }

    public static void WritePublication(ref ProtobufWriter writer, in WirePublication publication)
    {
        writer.Number(16, publication.Version);
        writer.Text(14, publication.Epoch);
        if (publication.Key is { } key)
        {
            writer.Signed(13, publication.Score);
            writer.Flag(12, publication.IsRemoved);
            writer.Text(11, key);
        }

        writer.Number(9, (ulong)publication.Time);
        writer.Flag(8, publication.Form is PublicationForm.Patch);
        WriteTags(ref writer, publication.Publication.Tags);
        writer.Number(6, publication.Offset);
        if (publication.Publication.Publisher is { } publisher)
        {
            var end = writer.Length;
            WriteClient(ref writer, publisher);
            writer.Message(5, end);
        }

        writer.Bytes(4, publication.Publication.Data.Span);
    }

    public static void WritePublications(ref ProtobufWriter writer, int field, IReadOnlyList<WirePublication>? publications)
    {
        for (var i = (publications?.Count ?? 0) - 1; i >= 0; i--)
        {
            var end = writer.Length;
            WritePublication(ref writer, publications![i]);
            writer.Message(field, end);
        }
    }

    public static void WriteSubscription(ref ProtobufWriter writer, in SubscribeResult result)
    {
        writer.Number(19, result.PublishDebounceMilliseconds);
        WritePublications(ref writer, 18, result.State);
        writer.Text(17, result.Cursor);
        writer.Number(16, (ulong)result.Phase);
        writer.Number(15, (ulong)result.Type);
        writer.Flag(13, result.Delta);
        writer.Flag(12, result.WasRecovering);
        writer.Bytes(11, result.Data.Span);
        writer.Flag(10, result.Positioned);
        writer.Number(9, result.Position.Offset);
        writer.Flag(8, result.Recovered);
        WritePublications(ref writer, 7, result.Publications);
        writer.Text(6, result.Position.Epoch);
        writer.Flag(3, result.Recoverable);
        WriteExpiry(ref writer, 1, result.TimeToLiveSeconds);
    }

    public static void WriteConnect(ref ProtobufWriter writer, in ConnectResult result)
    {
        WriteTransport(ref writer, result);
        WriteSubscriptions(ref writer, 6, result.Subscriptions);
        writer.Bytes(5, result.Data.Span);
        WriteRefresh(ref writer, new(result.Client, result.Version, result.TimeToLiveSeconds));
    }

    /// <summary>The same as a push, in which the fields before the ping have other numbers.</summary>
    public static void WriteConnectPush(ref ProtobufWriter writer, in ConnectResult result)
    {
        WriteTransport(ref writer, result);
        WriteExpiry(ref writer, 5, result.TimeToLiveSeconds);
        WriteSubscriptions(ref writer, 4, result.Subscriptions);
        writer.Bytes(3, result.Data.Span);
        writer.Text(2, result.Version);
        writer.Text(1, result.Client);
    }

    public static void WriteRefresh(ref ProtobufWriter writer, in RefreshResult result)
    {
        WriteExpiry(ref writer, 3, result.TimeToLiveSeconds);
        writer.Text(2, result.Version);
        writer.Text(1, result.Client);
    }

    /// <param name="writer">Gets the fields.</param>
    /// <param name="field">The number of <c>expires</c>; that of <c>ttl</c> is the next.</param>
    /// <param name="seconds">0: it does not expire.</param>
    public static void WriteExpiry(ref ProtobufWriter writer, int field, long seconds)
    {
        writer.Number(field + 1, (ulong)Math.Max(seconds, 0));
        writer.Flag(field, seconds > 0);
    }

    private static void WriteTransport(ref ProtobufWriter writer, in ConnectResult result)
    {
        writer.Number(11, (ulong)result.Time);
        writer.Text(10, result.Node);
        writer.Text(9, result.Session);
        writer.Flag(8, result.Pong);
        writer.Number(7, (ulong)result.PingSeconds);
    }

    private static void WriteSubscriptions(ref ProtobufWriter writer, int field, IReadOnlyList<ServerSubscription>? subscriptions)
    {
        for (var i = (subscriptions?.Count ?? 0) - 1; i >= 0; i--)
        {
            var (channel, subscription) = subscriptions![i];
            var end = writer.Length;
            WriteSubscription(ref writer, subscription);
            writer.Message(2, end);
            writer.MapText(1, channel.Value);
            writer.Message(field, end);
        }
    }

    private static void WriteTags(ref ProtobufWriter writer, IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is not { Count: > 0 })
        {
            return;
        }

        foreach (var (name, value) in tags)
        {
            var end = writer.Length;
            writer.MapText(2, value);
            writer.MapText(1, name);
            writer.Message(7, end);
        }
    }
}
