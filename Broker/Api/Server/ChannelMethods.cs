using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>presence</c>, <c>presence_stats</c>, <c>history</c> and <c>history_remove</c>: presence and history of channels.</summary>
internal sealed class ChannelMethods(ServerApiChannels channels, IChannelEngine engine)
{
    public ServerApiCall Presence(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, options => options.Presence, async channel =>
        {
            var clients = await engine.GetPresenceAsync(channel.Name);
            return ServerApiAnswer.Of(output => WritePresence(output, clients));
        });
    }

    public ServerApiCall PresenceStats(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, options => options.Presence, async channel =>
        {
            var stats = await engine.GetPresenceStatsAsync(channel.Name);
            return ServerApiAnswer.Of(output => WriteStats(output, stats));
        });
    }

    public ServerApiCall History(ServerApiFields fields)
    {
        var (name, filter) = (fields.Text("channel"), new HistoryFilter(fields.Number("limit"), Since(fields), fields.Flag("reverse")));
        return () => WithAsync(name, options => options.KeepsHistory, async channel =>
        {
            var page = await engine.ReadHistoryAsync(channel.Name, filter, channel.OptionsOrNone.HistoryMetaTtl);
            return HistoryRules.Refuse(filter, page.Top) is { } refusal ? refusal : ServerApiAnswer.Of(output => WriteHistory(output, page));
        });
    }

    public ServerApiCall HistoryRemove(ServerApiFields fields)
    {
        var name = fields.Text("channel");
        return () => WithAsync(name, options => options.KeepsHistory, async channel =>
        {
            await engine.RemoveHistoryAsync(channel.Name);
            return ServerApiAnswer.Done;
        });
    }

    /// <summary>A position in a history, in the form of calls.</summary>
    /// <returns>Null when it is absent.</returns>
    public static StreamPosition? Since(ServerApiFields fields, string name = "since")
    {
        if (fields.Object(name) is not { } since)
        {
            return null;
        }

        var position = new StreamPosition(since.WholeNumber("offset"), since.Text("epoch"));
        fields.Adopt(since);
        return position;
    }

    private async ValueTask<ServerApiAnswer> WithAsync(
        string name, Func<ChannelOptions, bool> isOn, Func<ResolvedChannel, ValueTask<ServerApiAnswer>> act) =>
        !channels.TryFind(name, out var channel, out var error) ? error
        : !isOn(channel.OptionsOrNone) ? ErrorCode.NotAvailable
        : await act(channel);

    // {"presence":{ID:CLIENT}}
    private static void WritePresence(IBufferWriter<byte> output, IReadOnlyList<ClientInfo> clients)
    {
        output.Write("{\"presence\":{"u8);
        for (var i = 0; i < clients.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            output.WriteQuoted(clients[i].Client);
            output.Write(":"u8);
            JsonObjects.TryWriteClient(output, InJson(clients[i]));
        }

        output.Write("}}"u8);
    }

    // {"num_clients":N,"num_users":N}
    private static void WriteStats(IBufferWriter<byte> output, PresenceStats stats)
    {
        output.Write("{\"num_clients\":"u8);
        output.WriteNumber(stats.Clients);
        output.Write(",\"num_users\":"u8);
        output.WriteNumber(stats.Users);
        output.Write("}"u8);
    }

    // {"publications":[…],"epoch":TEXT,"offset":N}
    private static void WriteHistory(IBufferWriter<byte> output, HistoryPage page)
    {
        output.Write("{\"publications\":["u8);
        for (var i = 0; i < page.Publications.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            WritePublication(output, page.Publications[i]);
        }

        output.Write("],\"epoch\":"u8);
        output.WriteString(page.Top.Epoch);
        output.Write(",\"offset\":"u8);
        output.WriteNumber(page.Top.Offset);
        output.Write("}"u8);
    }

    // Data that is not JSON is written as b64data.
    private static void WritePublication(IBufferWriter<byte> output, StoredPublication stored)
    {
        var publication = stored.Publication with { Publisher = stored.Publication.Publisher is { } publisher ? InJson(publisher) : null };
        if (JsonPayload.IsValid(publication.Data.Span))
        {
            JsonObjects.TryWritePublication(output, new() { Publication = publication, Offset = stored.Offset });
            return;
        }

        output.Write("{\"b64data\":"u8);
        output.WriteString(Convert.ToBase64String(publication.Data.Span));
        output.Write(","u8);
        var rest = new ArrayBufferWriter<byte>();
        JsonObjects.TryWritePublication(rest, new() { Publication = publication with { Data = default }, Offset = stored.Offset });
        output.Write(rest.WrittenSpan[1..]);
    }

    // Info that only Protobuf clients can read is left out.
    private static ClientInfo InJson(ClientInfo client) => client with { ConnectionInfo = InJson(client.ConnectionInfo), ChannelInfo = InJson(client.ChannelInfo) };

    private static ReadOnlyMemory<byte> InJson(ReadOnlyMemory<byte> info) => JsonPayload.IsValid(info.Span) ? info : default;
}
