using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Protocol.Json;

// docs/reference/protocol.md#commands: {"id":N,"NAME":RESULT}
internal sealed partial class JsonCodec
{
    /// <inheritdoc/>
    public override void WriteError(IBufferWriter<byte> output, uint id, ErrorCode error)
    {
        BeginReply(output, id, ",\"error\":"u8);
        output.WriteError(error);
        output.Write("}"u8);
    }

    /// <inheritdoc/>
    public override bool TryWriteConnected(IBufferWriter<byte> output, uint id, in ConnectResult result)
    {
        BeginReply(output, id, ",\"connect\":"u8);
        var isWritten = JsonObjects.TryWriteConnect(output, result);
        output.Write("}"u8);
        return isWritten;
    }

    /// <inheritdoc/>
    public override bool TryWriteSubscribed(IBufferWriter<byte> output, uint id, in SubscribeResult result)
    {
        BeginReply(output, id, ",\"subscribe\":"u8);
        var isWritten = JsonObjects.TryWriteSubscription(output, result);
        output.Write("}"u8);
        return isWritten;
    }

    /// <inheritdoc/>
    public override void WriteUnsubscribed(IBufferWriter<byte> output, uint id) => BeginReply(output, id, ",\"unsubscribe\":{}}"u8);

    /// <inheritdoc/>
    public override void WritePublished(IBufferWriter<byte> output, uint id) => BeginReply(output, id, ",\"publish\":{}}"u8);

    /// <inheritdoc/>
    public override bool TryWritePresence(IBufferWriter<byte> output, uint id, IReadOnlyList<ClientInfo> clients)
    {
        BeginReply(output, id, ",\"presence\":{\"presence\":{"u8);
        for (var i = 0; i < clients.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            output.WriteQuoted(clients[i].Client);
            output.Write(":"u8);
            if (!JsonObjects.TryWriteClient(output, clients[i]))
            {
                return false;
            }
        }

        output.Write("}}}"u8);
        return true;
    }

    /// <inheritdoc/>
    public override void WritePresenceStats(IBufferWriter<byte> output, uint id, int clients, int users)
    {
        BeginReply(output, id, ",\"presence_stats\":{\"num_clients\":"u8);
        output.WriteNumber(clients);
        output.Write(",\"num_users\":"u8);
        output.WriteNumber(users);
        output.Write("}}"u8);
    }

    /// <inheritdoc/>
    public override bool TryWriteHistory(IBufferWriter<byte> output, uint id, IReadOnlyList<StoredPublication> publications, StreamPosition top)
    {
        BeginReply(output, id, ",\"history\":{\"publications\":["u8);
        for (var i = 0; i < publications.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            if (!JsonObjects.TryWritePublication(output, WirePublication.Of(publications[i])))
            {
                return false;
            }
        }

        output.Write("],\"epoch\":"u8);
        output.WriteString(top.Epoch);
        output.Write(",\"offset\":"u8);
        output.WriteNumber(top.Offset);
        output.Write("}}"u8);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryWriteRpcResult(IBufferWriter<byte> output, uint id, ReadOnlySpan<byte> data)
    {
        BeginReply(output, id, ",\"rpc\":"u8);
        return TryEndWithData(output, data, "}"u8);
    }

    /// <inheritdoc/>
    public override void WriteRefreshed(IBufferWriter<byte> output, uint id, in RefreshResult result)
    {
        BeginReply(output, id, ",\"refresh\":"u8);
        var fields = new JsonObject(output);
        fields.Name("\"client\":"u8);
        output.WriteQuoted(result.Client);
        fields.Text("\"version\":"u8, result.Version);
        fields.Expiry(result.TimeToLiveSeconds);
        fields.End();
        output.Write("}"u8);
    }

    /// <inheritdoc/>
    public override bool TryWriteSubscriptionRefreshed(IBufferWriter<byte> output, uint id, in SubRefreshResult result)
    {
        BeginReply(output, id, ",\"sub_refresh\":"u8);
        var fields = new JsonObject(output);
        fields.Expiry(result.TimeToLiveSeconds);
        var isWritten = JsonObjects.TryWritePublications(output, ref fields, "\"items\":"u8, result.Items);
        fields.End();
        output.Write("}"u8);
        return isWritten;
    }

    private static void BeginReply(IBufferWriter<byte> output, uint id, ReadOnlySpan<byte> next)
    {
        output.Write("{\"id\":"u8);
        output.WriteNumber(id);
        output.Write(next);
    }

    // {"data":JSON}
    private static bool TryEndWithData(IBufferWriter<byte> output, ReadOnlySpan<byte> data, ReadOnlySpan<byte> end)
    {
        var fields = new JsonObject(output);
        var isWritten = fields.TryPayload("\"data\":"u8, data);
        fields.End();
        output.Write(end);
        return isWritten;
    }

    private static void WriteExpiry(IBufferWriter<byte> output, long timeToLiveSeconds)
    {
        var fields = new JsonObject(output);
        fields.Expiry(timeToLiveSeconds);
        fields.End();
    }
}
