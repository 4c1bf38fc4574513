using System.Buffers;
using System.Text.Unicode;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Writes the objects that several JSON messages share. Try: false when a payload in them is not JSON.</summary>
internal static class JsonObjects
{
    // {"user":TEXT,"client":UUID,"conn_info":JSON,"chan_info":JSON}; the first two always.
    public static bool TryWriteClient(IBufferWriter<byte> output, ClientInfo client)
    {
        var fields = new JsonObject(output);
        fields.Name("\"user\":"u8);
        output.WriteString(client.User);
        fields.Name("\"client\":"u8);
        output.WriteQuoted(client.Client);
        var isWritten = fields.TryPayload("\"conn_info\":"u8, client.ConnectionInfo.Span)
            && fields.TryPayload("\"chan_info\":"u8, client.ChannelInfo.Span);
        fields.End();
        return isWritten;
    }

    // {"data":JSON,"info":CLIENT,"offset":N,"tags":{TEXT:TEXT},"delta":true,"time":MS,"key":TEXT,"removed":true,"score":N,"epoch":TEXT,"version":N}
    public static bool TryWritePublication(IBufferWriter<byte> output, in WirePublication publication)
    {
        var fields = new JsonObject(output);
        var isWritten = TryWriteData(output, ref fields, publication) && TryWriteInfo(output, ref fields, publication.Publication.Publisher);
        fields.Number("\"offset\":"u8, publication.Offset);
        if (publication.Publication.Tags is { Count: > 0 } tags)
        {
            fields.Name("\"tags\":"u8);
            WriteTags(output, tags);
        }

        fields.Flag("\"delta\":"u8, publication.Form is PublicationForm.Patch);
        fields.Number("\"time\":"u8, (ulong)publication.Time);
        if (publication.Key is { } key)
        {
            fields.Text("\"key\":"u8, key);
            fields.Flag("\"removed\":"u8, publication.IsRemoved);
            fields.Number("\"score\":"u8, publication.Score);
        }

        fields.Text("\"epoch\":"u8, publication.Epoch);
        fields.Number("\"version\":"u8, publication.Version);
        fields.End();
        return isWritten;
    }

    // {"expires":true,"ttl":N,"recoverable":true,"epoch":TEXT,"publications":[…],"recovered":true,"offset":N,"positioned":true,"data":JSON,
    //  "was_recovering":true,"delta":true,"type":N,"phase":N,"cursor":TEXT,"state":[…],"publish_debounce":MS}
    public static bool TryWriteSubscription(IBufferWriter<byte> output, in SubscribeResult result)
    {
        var fields = new JsonObject(output);
        fields.Expiry(result.TimeToLiveSeconds);
        fields.Flag("\"recoverable\":"u8, result.Recoverable);
        fields.Text("\"epoch\":"u8, result.Position.Epoch);
        var isWritten = TryWritePublications(output, ref fields, "\"publications\":"u8, result.Publications);
        fields.Flag("\"recovered\":"u8, result.Recovered);
        fields.Number("\"offset\":"u8, result.Position.Offset);
        fields.Flag("\"positioned\":"u8, result.Positioned);
        isWritten &= fields.TryPayload("\"data\":"u8, result.Data.Span);
        fields.Flag("\"was_recovering\":"u8, result.WasRecovering);
        fields.Flag("\"delta\":"u8, result.Delta);
        fields.Number("\"type\":"u8, (ulong)result.Type);
        fields.Number("\"phase\":"u8, (ulong)result.Phase);
        fields.Text("\"cursor\":"u8, result.Cursor);
        isWritten &= TryWritePublications(output, ref fields, "\"state\":"u8, result.State);
        fields.Number("\"publish_debounce\":"u8, (ulong)result.PublishDebounceMilliseconds);
        fields.End();
        return isWritten;
    }

    // {"client":UUID,"version":TEXT,"expires":true,"ttl":N,"data":JSON,"subs":{CHANNEL:SUBSCRIPTION},"ping":N,"pong":true,"session":TEXT,
    //  "node":TEXT,"time":MS}
    public static bool TryWriteConnect(IBufferWriter<byte> output, in ConnectResult result)
    {
        var fields = new JsonObject(output);
        fields.Name("\"client\":"u8);
        output.WriteQuoted(result.Client);
        fields.Text("\"version\":"u8, result.Version);
        fields.Expiry(result.TimeToLiveSeconds);
        var isWritten = fields.TryPayload("\"data\":"u8, result.Data.Span) && TryWriteSubscriptions(output, ref fields, result.Subscriptions);
        fields.Number("\"ping\":"u8, (ulong)result.PingSeconds);
        fields.Flag("\"pong\":"u8, result.Pong);
        fields.Text("\"session\":"u8, result.Session);
        fields.Text("\"node\":"u8, result.Node);
        fields.Number("\"time\":"u8, (ulong)result.Time);
        fields.End();
        return isWritten;
    }

    /// <summary>A list of publications as a field; none for an empty list.</summary>
    public static bool TryWritePublications(IBufferWriter<byte> output, ref JsonObject fields, ReadOnlySpan<byte> name, IReadOnlyList<WirePublication>? publications)
    {
        if (publications is not { Count: > 0 })
        {
            return true;
        }

        fields.Name(name);
        for (var i = 0; i < publications.Count; i++)
        {
            output.Write(i == 0 ? "["u8 : ","u8);
            if (!TryWritePublication(output, publications[i]))
            {
                return false;
            }
        }

        output.Write("]"u8);
        return true;
    }

    private static bool TryWriteData(IBufferWriter<byte> output, ref JsonObject fields, in WirePublication publication)
    {
        var data = publication.Publication.Data.Span;
        if (publication.Form is PublicationForm.Plain)
        {
            return fields.TryPayload("\"data\":"u8, data, publication.IsChecked);
        }

        if (data.IsEmpty)
        {
            // A client with deltas reads the data of every publication, also of the removal of a key, which has none.
            data = "null"u8;
        }

        if (!publication.IsChecked && !Utf8.IsValid(data))
        {
            return false;
        }

        fields.Name("\"data\":"u8);
        output.WriteString(data);
        return true;
    }

    private static bool TryWriteInfo(IBufferWriter<byte> output, ref JsonObject fields, ClientInfo? publisher)
    {
        if (publisher is null)
        {
            return true;
        }

        fields.Name("\"info\":"u8);
        return TryWriteClient(output, publisher);
    }

    private static void WriteTags(IBufferWriter<byte> output, IReadOnlyDictionary<string, string> tags)
    {
        var separator = "{"u8;
        foreach (var (name, value) in tags)
        {
            output.Write(separator);
            output.WriteString(name);
            output.Write(":"u8);
            output.WriteString(value);
            separator = ","u8;
        }

        output.Write("}"u8);
    }

    private static bool TryWriteSubscriptions(IBufferWriter<byte> output, ref JsonObject fields, IReadOnlyList<ServerSubscription>? subscriptions)
    {
        if (subscriptions is not { Count: > 0 })
        {
            return true;
        }

        fields.Name("\"subs\":"u8);
        for (var i = 0; i < subscriptions.Count; i++)
        {
            output.Write(i == 0 ? "{"u8 : ","u8);
            output.Write(subscriptions[i].Channel.JsonName);
            output.Write(":"u8);
            if (!TryWriteSubscription(output, subscriptions[i].Result))
            {
                return false;
            }
        }

        output.Write("}"u8);
        return true;
    }
}
