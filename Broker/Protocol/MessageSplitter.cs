namespace ClawEvents.Broker.Protocol;

/// <summary>Splits a message of the JSON protocol into its commands.</summary>
/// <remarks>
/// docs/reference/protocol.md#framing: commands are separated by a line feed; one after the last command and a carriage return
/// before it are tolerated, an empty line is not (it comes out as an empty slice, which is not a command).
/// </remarks>
internal static class MessageSplitter
{
    /// <summary>Takes the next command off a message.</summary>
    /// <param name="rest">Not empty.</param>
    public static ReadOnlyMemory<byte> Next(ref ReadOnlyMemory<byte> rest)
    {
        var end = rest.Span.IndexOf((byte)'\n');
        var command = TrimEnd(end < 0 ? rest : rest[..end]);
        rest = end < 0 ? default : rest[(end + 1)..];
        return command;
    }

    private static ReadOnlyMemory<byte> TrimEnd(ReadOnlyMemory<byte> line) =>
        line.Length > 0 && line.Span[^1] == '\r' ? line[..^1] : line;
}
