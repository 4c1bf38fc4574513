using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Json;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary>The clients that are present on a channel.</summary>
internal sealed record PresenceResult(IReadOnlyList<ClientInfo> Clients) : ServerApiResult
{
    // {"presence":{ID:CLIENT}}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        output.Write("{\"presence\":{"u8);
        for (var i = 0; i < Clients.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            output.WriteQuoted(Clients[i].Client);
            output.Write(":"u8);
            JsonObjects.TryWriteClient(output, InJson(Clients[i]));
        }

        output.Write("}}"u8);
    }

    /// <summary>The client without an info that only Protobuf can carry.</summary>
    public static ClientInfo InJson(ClientInfo client) => client with { ConnectionInfo = InJson(client.ConnectionInfo), ChannelInfo = InJson(client.ChannelInfo) };

    private static ReadOnlyMemory<byte> InJson(ReadOnlyMemory<byte> info) => JsonPayload.IsValid(info.Span) ? info : default;
}

/// <summary>How many are present on a channel.</summary>
internal sealed record PresenceStatsResult(PresenceStats Stats) : ServerApiResult
{
    // {"num_clients":N,"num_users":N}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        output.Write("{\"num_clients\":"u8);
        output.WriteNumber(Stats.Clients);
        output.Write(",\"num_users\":"u8);
        output.WriteNumber(Stats.Users);
        output.Write("}"u8);
    }
}

/// <summary>A part of a channel's history.</summary>
internal sealed record HistoryResult(HistoryPage Page) : ServerApiResult
{
    // {"publications":[…],"epoch":TEXT,"offset":N}
    /// <inheritdoc/>
    public override void WriteJson(IBufferWriter<byte> output)
    {
        output.Write("{\"publications\":["u8);
        for (var i = 0; i < Page.Publications.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            WritePublication(output, WirePublication.Of(Page.Publications[i]));
        }

        output.Write("],\"epoch\":"u8);
        output.WriteString(Page.Top.Epoch);
        output.Write(",\"offset\":"u8);
        output.WriteNumber(Page.Top.Offset);
        output.Write("}"u8);
    }

    /// <summary>Writes a publication for a back end: data that is not JSON as <c>b64data</c>.</summary>
    public static void WritePublication(IBufferWriter<byte> output, in WirePublication wire)
    {
        var publication = wire.Publication with { Publisher = wire.Publication.Publisher is { } publisher ? PresenceResult.InJson(publisher) : null };
        if (publication.Data.IsEmpty || JsonPayload.IsValid(publication.Data.Span))
        {
            JsonObjects.TryWritePublication(output, wire with { Publication = publication });
            return;
        }

        output.Write("{\"b64data\":"u8);
        output.WriteString(Convert.ToBase64String(publication.Data.Span));
        var rest = new ArrayBufferWriter<byte>();
        JsonObjects.TryWritePublication(rest, wire with { Publication = publication with { Data = default } });
        output.Write(rest.WrittenCount > 2 ? ","u8 : ""u8);
        output.Write(rest.WrittenSpan[1..]);
    }
}
