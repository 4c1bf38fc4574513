using System.Text.Json;

namespace ClawEvents.Broker.Protocol.Json;

/// <summary>Reads a filter from JSON: <c>{"op":TEXT,"key":TEXT,"cmp":TEXT,"val":TEXT,"vals":[TEXT],"nodes":[NODE]}</c>.</summary>
/// <remarks>Throws as <see cref="JsonReading"/> does.</remarks>
internal static class JsonFilterReader
{
    /// <returns>False also when it is larger than a filter may be.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> json, out FilterNode node)
    {
        node = new FilterNode();
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
        : TryReadText(ref reader, node) ?? JsonReading.Pass(ref reader);

    // Null when the field is another one.
    private static bool? TryReadText(ref Utf8JsonReader reader, FilterNode node)
    {
        var (isOperation, isKey, isComparison) = (JsonReading.Is(ref reader, "op"u8), JsonReading.Is(ref reader, "key"u8), JsonReading.Is(ref reader, "cmp"u8));
        if (!isOperation && !isKey && !isComparison && !JsonReading.Is(ref reader, "val"u8))
        {
            return null;
        }

        var isRead = JsonReading.TryReadString(ref reader, out var text);
        if (isOperation)
        {
            node.Operation = text;
        }
        else if (isKey)
        {
            node.Key = text;
        }
        else if (isComparison)
        {
            node.Comparison = text;
        }
        else
        {
            node.Value = text;
        }

        return isRead;
    }

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

    // Null is as no list at all.
    private static bool TryBeginList(ref Utf8JsonReader reader, out bool isNull)
    {
        reader.Read();
        isNull = reader.TokenType is JsonTokenType.Null;
        return reader.TokenType is JsonTokenType.StartArray;
    }
}
