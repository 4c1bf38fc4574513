using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads a filter from JSON: <c>{"op":TEXT,"key":TEXT,"cmp":TEXT,"val":TEXT,"vals":[TEXT],"nodes":[NODE]}</c>.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonFilterReader
{
    /// <returns>False also when it is larger than a filter may be.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, ref FilterNode node)
    {
        var reader = new Utf8JsonReader(json.Span, JsonReading.Options);
        var left = FilterNode.MaxNodes;
        return reader.Read() && TryReadNode(ref reader, node, depth: 1, ref left);
    }

    // The reader is on the node's first token, and afterwards on its last.
    private static bool TryReadNode(ref Utf8JsonReader reader, FilterNode node, int depth, ref int left)
    {
        if (reader.TokenType is not JsonTokenType.StartObject || depth > FilterNode.MaxDepth || left-- == 0)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!TryReadField(ref reader, node, depth, ref left))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadField(ref Utf8JsonReader reader, FilterNode node, int depth, ref int left) =>
        JsonReading.Is(ref reader, "nodes"u8) ? TryReadNodes(ref reader, node, depth, ref left)
        : JsonReading.Is(ref reader, "vals"u8) ? TryReadValues(ref reader, node)
        : JsonReading.Is(ref reader, "op"u8) ? JsonReading.TryReadString(ref reader, out node.Operation)
        : JsonReading.Is(ref reader, "key"u8) ? JsonReading.TryReadString(ref reader, out node.Key)
        : JsonReading.Is(ref reader, "cmp"u8) ? JsonReading.TryReadString(ref reader, out node.Comparison)
        : JsonReading.Is(ref reader, "val"u8) ? JsonReading.TryReadString(ref reader, out node.Value)
        : JsonReading.Skip(ref reader);

    private static bool TryReadNodes(ref Utf8JsonReader reader, FilterNode node, int depth, ref int left)
    {
        if (!TryBeginList(ref reader, out var isNull))
        {
            return isNull;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            var inner = new FilterNode();
            if (!TryReadNode(ref reader, inner, depth + 1, ref left))
            {
                return false;
            }

            node.Nodes.Add(inner);
        }

        return true;
    }

    private static bool TryReadValues(ref Utf8JsonReader reader, FilterNode node)
    {
        if (!TryBeginList(ref reader, out var isNull))
        {
            return isNull;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.String)
        {
            node.Values.Add(reader.GetString()!);
        }

        return reader.TokenType is JsonTokenType.EndArray;
    }

    // A null stands for a missing list.
    private static bool TryBeginList(ref Utf8JsonReader reader, out bool isNull)
    {
        reader.Read();
        isNull = reader.TokenType is JsonTokenType.Null;
        return reader.TokenType is JsonTokenType.StartArray;
    }
}
