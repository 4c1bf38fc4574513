using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol.Json;

// docs/reference/protocol.md#pushes: {"push":{"channel":NAME,"KIND":…}}, or on unidirectional transports {"channel":NAME,"KIND":…}
internal sealed partial class JsonCodec
{
    private ReadOnlySpan<byte> Start => arePushesBare ? "{"u8 : "{\"push\":{"u8;

    private ReadOnlySpan<byte> End => arePushesBare ? "}"u8 : "}}"u8;

    /// <inheritdoc/>
    public override bool TryWritePublicationPush(IBufferWriter<byte> output, ChannelName channel, in WirePublication publication)
    {
        BeginPush(output, channel, ",\"pub\":"u8);
        var isWritten = JsonObjects.TryWritePublication(output, publication);
        output.Write(End);
        return isWritten;
    }

    /// <inheritdoc/>
    public override bool TryWriteJoinPush(IBufferWriter<byte> output, ChannelName channel, ClientInfo client) =>
        TryWriteClientPush(output, channel, ",\"join\":{\"info\":"u8, client);

    /// <inheritdoc/>
    public override bool TryWriteLeavePush(IBufferWriter<byte> output, ChannelName channel, ClientInfo client) =>
        TryWriteClientPush(output, channel, ",\"leave\":{\"info\":"u8, client);

    /// <inheritdoc/>
    public override bool TryWriteSubscribePush(IBufferWriter<byte> output, ChannelName channel, in SubscribeResult result)
    {
        BeginPush(output, channel, ",\"subscribe\":"u8);
        var isWritten = JsonObjects.TryWriteSubscription(output, new()
        {
            Recoverable = result.Recoverable,
            Position = result.Position,
            Positioned = result.Positioned,
            Data = result.Data,
        });
        output.Write(End);
        return isWritten;
    }

    /// <inheritdoc/>
    public override void WriteUnsubscribePush(IBufferWriter<byte> output, ChannelName channel, UnsubscribeCode code)
    {
        BeginPush(output, channel, ",\"unsubscribe\":"u8);
        WriteCode(output, code.Code, code.Reason);
    }

    /// <inheritdoc/>
    public override bool TryWriteMessagePush(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        output.Write(Start);
        output.Write("\"message\":"u8);
        return TryEndWithData(output, data, End);
    }

    /// <inheritdoc/>
    public override bool TryWriteConnectPush(IBufferWriter<byte> output, in ConnectResult result)
    {
        output.Write(Start);
        output.Write("\"connect\":"u8);
        var isWritten = JsonObjects.TryWriteConnect(output, result);
        output.Write(End);
        return isWritten;
    }

    /// <inheritdoc/>
    public override void WriteDisconnectPush(IBufferWriter<byte> output, DisconnectCode code)
    {
        output.Write(Start);
        output.Write("\"disconnect\":"u8);
        WriteCode(output, code.Code, code.Reason);
    }

    /// <inheritdoc/>
    public override void WriteRefreshPush(IBufferWriter<byte> output, long timeToLiveSeconds)
    {
        output.Write(Start);
        output.Write("\"refresh\":"u8);
        WriteExpiry(output, timeToLiveSeconds);
        output.Write(End);
    }

    private void BeginPush(IBufferWriter<byte> output, ChannelName channel, ReadOnlySpan<byte> next)
    {
        output.Write(Start);
        output.Write("\"channel\":"u8);
        output.Write(channel.JsonName);
        output.Write(next);
    }

    private bool TryWriteClientPush(IBufferWriter<byte> output, ChannelName channel, ReadOnlySpan<byte> name, ClientInfo client)
    {
        BeginPush(output, channel, name);
        var isWritten = JsonObjects.TryWriteClient(output, client);
        output.Write("}"u8);
        output.Write(End);
        return isWritten;
    }

    private void WriteCode(IBufferWriter<byte> output, int code, string reason)
    {
        var fields = new JsonObject(output);
        fields.Number("\"code\":"u8, (ulong)code);
        fields.Text("\"reason\":"u8, reason);
        fields.End();
        output.Write(End);
    }
}
