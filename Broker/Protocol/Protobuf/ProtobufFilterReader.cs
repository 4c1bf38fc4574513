namespace ClawEvents.Broker.Protocol.Protobuf;

/// <summary>Reads a filter from Protobuf: op = 1, key = 2, cmp = 3, val = 4, vals = 5, nodes = 6.</summary>
internal static class ProtobufFilterReader
{
    /// <returns>False also when it is larger than a filter may be.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, out FilterNode node)
    {
        node = new FilterNode();
        var left = FilterNode.MaxNodes;
        return TryReadNode(message, node, depth: 1, ref left);
    }

    private static bool TryReadNode(ReadOnlyMemory<byte> message, FilterNode node, int depth, ref int left)
    {
        if (depth > FilterNode.MaxDepth || left-- == 0)
        {
            return false;
        }

        var reader = new ProtobufReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadTag(out var field, out var type) || !TryReadField(ref reader, field, type, node, depth, ref left))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadField(ref ProtobufReader reader, int field, WireType type, FilterNode node, int depth, ref int left)
    {
        if (field == 6)
        {
            var inner = new FilterNode();
            node.Nodes.Add(inner);
            return reader.TryReadBytes(type, out var message) && TryReadNode(message, inner, depth + 1, ref left);
        }

        if (field == 5)
        {
            var isRead = reader.TryReadString(type, out var value);
            node.Values.Add(value);
            return isRead;
        }

        return field switch
        {
            1 => reader.TryReadString(type, out node.Operation),
            2 => reader.TryReadString(type, out node.Key),
            3 => reader.TryReadString(type, out node.Comparison),
            4 => reader.TryReadString(type, out node.Value),
            _ => reader.TrySkip(type),
        };
    }
}
