namespace ClawEvents.Cli.Streams;

/// <summary>The token of a stream. It is read on each use, so that a login by another process takes effect.</summary>
/// <param name="read">Reads the current token; null means anonymous.</param>
/// <param name="isFixed">Whether it was given for this run, so that no login replaces it.</param>
internal sealed class StreamToken(Func<string?> read, bool isFixed)
{
    private string? _used;

    public bool IsFixed { get; } = isFixed;

    /// <summary>The token for a new connection.</summary>
    public string? Read() => _used = read();

    /// <summary>Reads the token that has replaced the one in use.</summary>
    /// <returns>false if it is still the same, or nobody is logged in any more.</returns>
    public bool TryReadNew(out string token)
    {
        token = read() ?? "";
        if (token.Length == 0 || token == _used)
        {
            return false;
        }
        _used = token;
        return true;
    }
}
