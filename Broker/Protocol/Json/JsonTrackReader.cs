using System.Text.Json;
using ClawEvents.Broker.Protocol.Commands;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads the keys of a JSON sub_refresh: <c>"track":[{"signature":TEXT,"items":[{"key":TEXT,"version":N}]}],"untrack":[TEXT]</c>.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does. A null stands for a missing list.</remarks>
internal static class JsonTrackReader
{
    private delegate bool ItemReader<T>(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, T list);

    /// <returns>False also when there are too many.</returns>
    public static bool TryReadBatches(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, TrackedKeys keys) =>
        TryReadList(ref reader, json, keys, keys, TryReadBatch);

    /// <inheritdoc cref="TryReadBatches"/>
    public static bool TryReadKeys(ref Utf8JsonReader reader, TrackedKeys keys) => TryReadList(ref reader, default, keys, keys, TryReadKey);

    private static bool TryReadList<T>(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, TrackedKeys counted, T list, ItemReader<T> readItem)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (!counted.TryCount() || !readItem(ref reader, json, list))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadBatch(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, TrackedKeys keys)
    {
        var batch = (Keys: keys, Batch: new TrackBatch());
        keys.Batches.Add(batch.Batch);
        return reader.TokenType is JsonTokenType.StartObject && JsonReading.TryReadFields(ref reader, json, ref batch, TryReadBatchField);
    }

    private static bool TryReadBatchField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref (TrackedKeys Keys, TrackBatch Batch) batch) =>
        JsonReading.Is(ref reader, "signature"u8) ? JsonReading.TryReadString(ref reader, out batch.Batch.Signature)
        : JsonReading.Is(ref reader, "items"u8) ? TryReadList(ref reader, json, batch.Keys, batch.Batch, TryReadItem)
        : JsonReading.Skip(ref reader);

    private static bool TryReadItem(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, TrackBatch batch)
    {
        var item = new KeyedItem { Key = "" };
        var isRead = reader.TokenType is JsonTokenType.StartObject && JsonReading.TryReadFields(ref reader, json, ref item, TryReadItemField);
        batch.Items.Add(item);
        return isRead;
    }

    private static bool TryReadItemField(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref KeyedItem item) =>
        JsonReading.Is(ref reader, "key"u8) ? JsonReading.TryReadString(ref reader, out item.Key)
        : JsonReading.Is(ref reader, "version"u8) ? JsonReading.TryReadUInt64(ref reader, out item.Version)
        : JsonReading.Skip(ref reader);

    private static bool TryReadKey(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, TrackedKeys keys)
    {
        if (reader.TokenType is not JsonTokenType.String)
        {
            return false;
        }

        keys.Untracked.Add(reader.GetString()!);
        return true;
    }
}
