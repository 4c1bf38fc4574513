using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol.Protobuf;

// Reply: push = 4. Push: channel = 2, and one kind of push under its number. Fields are written backwards.
internal sealed partial class ProtobufCodec
{
    /// <inheritdoc/>
    public override bool TryWritePublicationPush(IBufferWriter<byte> output, ChannelName channel, in WirePublication publication)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WritePublication(ref writer, publication);
        EndPush(ref writer, output, channel, 4);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryWriteJoinPush(IBufferWriter<byte> output, ChannelName channel, ClientInfo client) =>
        TryWriteClientPush(output, channel, 5, client);

    /// <inheritdoc/>
    public override bool TryWriteLeavePush(IBufferWriter<byte> output, ChannelName channel, ClientInfo client) =>
        TryWriteClientPush(output, channel, 6, client);

    /// <inheritdoc/>
    public override bool TryWriteSubscribePush(IBufferWriter<byte> output, ChannelName channel, in SubscribeResult result)
    {
        var writer = ProtobufWriter.Begin();
        writer.Bytes(7, result.Data.Span);
        writer.Flag(6, result.Positioned);
        writer.Number(5, result.Position.Offset);
        writer.Text(4, result.Position.Epoch);
        writer.Flag(1, result.Recoverable);
        EndPush(ref writer, output, channel, 9);
        return true;
    }

    /// <inheritdoc/>
    public override void WriteUnsubscribePush(IBufferWriter<byte> output, ChannelName channel, UnsubscribeCode code)
    {
        var writer = ProtobufWriter.Begin();
        writer.Text(3, code.Reason);
        writer.Number(2, (ulong)code.Code);
        EndPush(ref writer, output, channel, 7);
    }

    /// <inheritdoc/>
    public override bool TryWriteMessagePush(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        var writer = ProtobufWriter.Begin();
        writer.Bytes(1, data);
        EndPush(ref writer, output, null, 8);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryWriteConnectPush(IBufferWriter<byte> output, in ConnectResult result)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WriteConnectPush(ref writer, result);
        EndPush(ref writer, output, null, 10);
        return true;
    }

    /// <inheritdoc/>
    public override void WriteDisconnectPush(IBufferWriter<byte> output, DisconnectCode code)
    {
        var writer = ProtobufWriter.Begin();
        writer.Text(2, code.Reason);
        writer.Number(1, (ulong)code.Code);
        EndPush(ref writer, output, null, 11);
    }

    /// <inheritdoc/>
    public override void WriteRefreshPush(IBufferWriter<byte> output, long timeToLiveSeconds)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WriteExpiry(ref writer, 1, timeToLiveSeconds);
        EndPush(ref writer, output, null, 12);
    }

    private bool TryWriteClientPush(IBufferWriter<byte> output, ChannelName channel, int field, ClientInfo client)
    {
        const int infoField = 1;
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WriteClient(ref writer, client);
        writer.Message(infoField, 0);
        EndPush(ref writer, output, channel, field);
        return true;
    }

    private void EndPush(ref ProtobufWriter writer, IBufferWriter<byte> output, ChannelName? channel, int field)
    {
        const int pushField = 4;
        writer.Message(field, 0);
        writer.Text(2, channel?.Value);
        if (!arePushesBare)
        {
            writer.Message(pushField, 0);
        }

        writer.CompleteTo(output);
    }
}
