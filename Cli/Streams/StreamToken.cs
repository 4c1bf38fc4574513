namespace ClawEvents.Cli.Streams;

/// <summary>The token of a stream. It is read whenever it is needed, so that a login elsewhere counts.</summary>
/// <param name="read">The token in force; null means anonymous.</param>
/// <param name="isFixed">It was given for this run: no login replaces it.</param>
internal sealed class StreamToken(Func<string?> read, bool isFixed)
{
    private string? _used;

    public bool IsFixed { get; } = isFixed;

    /// <summary>The token for a new connection.</summary>
    public string? Take() => _used = read();

    /// <summary>Gives the token that has come in the place of the one in use.</summary>
    /// <returns>false: it is still the same, or nobody is logged in any more.</returns>
    public bool TryTakeNew(out string token)
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
