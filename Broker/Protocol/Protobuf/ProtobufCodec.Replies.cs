using System.Buffers;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol.Protobuf;

// Reply: id = 1, error = 2, and one result under its number. Fields are written backwards.
internal sealed partial class ProtobufCodec
{
    /// <inheritdoc/>
    public override void WriteError(IBufferWriter<byte> output, uint id, ErrorCode error)
    {
        var writer = ProtobufWriter.Begin();
        writer.Flag(3, error.Temporary);
        writer.Text(2, error.Message);
        writer.Number(1, (ulong)error.Code);
        EndReply(ref writer, output, id, 2);
    }

    /// <inheritdoc/>
    public override bool TryWriteConnected(IBufferWriter<byte> output, uint id, in ConnectResult result)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WriteConnect(ref writer, result);
        EndReply(ref writer, output, id, 5);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryWriteSubscribed(IBufferWriter<byte> output, uint id, in SubscribeResult result)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WriteSubscription(ref writer, result);
        EndReply(ref writer, output, id, 6);
        return true;
    }

    /// <inheritdoc/>
    public override void WriteUnsubscribed(IBufferWriter<byte> output, uint id)
    {
        var writer = ProtobufWriter.Begin();
        EndReply(ref writer, output, id, 7);
    }

    /// <inheritdoc/>
    public override void WritePublished(IBufferWriter<byte> output, uint id)
    {
        var writer = ProtobufWriter.Begin();
        EndReply(ref writer, output, id, 8);
    }

    /// <inheritdoc/>
    public override bool TryWritePresence(IBufferWriter<byte> output, uint id, IReadOnlyList<ClientInfo> clients)
    {
        var writer = ProtobufWriter.Begin();
        for (var i = clients.Count - 1; i >= 0; i--)
        {
            var end = writer.Length;
            ProtobufObjects.WriteClient(ref writer, clients[i]);
            writer.Message(2, end);
            writer.Text(1, clients[i].Client);
            writer.Message(1, end);
        }

        EndReply(ref writer, output, id, 9);
        return true;
    }

    /// <inheritdoc/>
    public override void WritePresenceStats(IBufferWriter<byte> output, uint id, int clients, int users)
    {
        var writer = ProtobufWriter.Begin();
        writer.Number(2, (ulong)users);
        writer.Number(1, (ulong)clients);
        EndReply(ref writer, output, id, 10);
    }

    /// <inheritdoc/>
    public override bool TryWriteHistory(IBufferWriter<byte> output, uint id, IReadOnlyList<StoredPublication> publications, StreamPosition top)
    {
        var writer = ProtobufWriter.Begin();
        writer.Number(3, top.Offset);
        writer.Text(2, top.Epoch);
        for (var i = publications.Count - 1; i >= 0; i--)
        {
            var end = writer.Length;
            ProtobufObjects.WritePublication(ref writer, WirePublication.Of(publications[i]));
            writer.Message(1, end);
        }

        EndReply(ref writer, output, id, 11);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryWriteRpcResult(IBufferWriter<byte> output, uint id, ReadOnlySpan<byte> data)
    {
        var writer = ProtobufWriter.Begin();
        writer.Bytes(1, data);
        EndReply(ref writer, output, id, 13);
        return true;
    }

    /// <inheritdoc/>
    public override void WriteRefreshed(IBufferWriter<byte> output, uint id, in RefreshResult result)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WriteRefresh(ref writer, result);
        EndReply(ref writer, output, id, 14);
    }

    /// <inheritdoc/>
    public override bool TryWriteSubscriptionRefreshed(IBufferWriter<byte> output, uint id, in SubRefreshResult result)
    {
        var writer = ProtobufWriter.Begin();
        ProtobufObjects.WritePublications(ref writer, 3, result.Items);
        ProtobufObjects.WriteExpiry(ref writer, 1, result.TimeToLiveSeconds);
        EndReply(ref writer, output, id, 15);
        return true;
    }

    private static void EndReply(ref ProtobufWriter writer, IBufferWriter<byte> output, uint id, int result)
    {
        writer.Message(result, 0);
        writer.Number(1, id);
        writer.CompleteTo(output);
    }
}
