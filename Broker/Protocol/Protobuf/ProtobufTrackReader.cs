using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads the keys of a Protobuf sub_refresh. A batch: signature = 1, items = 2; an item: key = 1, version = 2.</summary>
internal static class ProtobufTrackReader
{
    /// <returns>False also when there are too many.</returns>
    public static bool TryReadBatch(ref ProtobufReader reader, WireType type, TrackedKeys keys)
    {
        var batch = (Keys: keys, Batch: new TrackBatch());
        keys.Batches.Add(batch.Batch);
        return keys.TryCount() && reader.TryReadBytes(type, out var message) && ProtobufReader.TryReadFields(message, ref batch, TryReadBatchField);
    }

    /// <inheritdoc cref="TryReadBatch"/>
    public static bool TryReadKey(ref ProtobufReader reader, WireType type, TrackedKeys keys)
    {
        var isRead = reader.TryReadString(type, out var key);
        keys.Untracked.Add(key);
        return isRead && keys.TryCount();
    }

    private static bool TryReadBatchField(ref ProtobufReader reader, int field, WireType type, ref (TrackedKeys Keys, TrackBatch Batch) batch) => field switch
    {
        1 => reader.TryReadString(type, out batch.Batch.Signature),
        2 => batch.Keys.TryCount() && TryReadItem(ref reader, type, batch.Batch),
        _ => reader.TrySkip(type),
    };

    private static bool TryReadItem(ref ProtobufReader reader, WireType type, TrackBatch batch)
    {
        var item = new KeyedItem { Key = "" };
        var isRead = reader.TryReadBytes(type, out var message) && ProtobufReader.TryReadFields(message, ref item, TryReadItemField);
        batch.Items.Add(item);
        return isRead;
    }

    private static bool TryReadItemField(ref ProtobufReader reader, int field, WireType type, ref KeyedItem item) => field switch
    {
        1 => reader.TryReadString(type, out item.Key),
        2 => reader.TryReadNumber(type, out item.Version),
        _ => reader.TrySkip(type),
    };
}
