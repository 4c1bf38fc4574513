namespace ClawEvents.Broker.Protocol;

/// <summary>Parts a message of the JSON protocol into its commands.</summary>
/// <remarks>
/// docs/reference/protocol.md#framing: commands are separated by a line feed; one after the last command and a carriage return
/// before it are tolerated, an empty line is not (it comes out as an empty slice, which is no command).
/// </remarks>
internal static class MessageSplitter
{
    /// <summary>Takes the next command off <paramref name="rest"/>.</summary>
    /// <returns>False when nothing is left.</returns>
    public static bool TryNext(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> command)
    {
        command = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        var end = rest.Span.IndexOf((byte)'\n');
        command = TrimEnd(end < 0 ? rest : rest[..end]);
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }

    private static ReadOnlyMemory<byte> TrimEnd(ReadOnlyMemory<byte> line) =>
        line.Length > 0 && line.Span[^1] == '\r' ? line[..^1] : line;
}
