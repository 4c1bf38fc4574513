namespace ClawEvents.Cli.Streams;

/// <summary>The token of a stream. It is read on each use, so that a login by another process takes effect.</summary>
/// <param name="read">Reads the current token; null means anonymous.</param>
/// <param name="isFixed">Whether it was given for this run, so that no login replaces it.</param>
/// <param name="isRequired">Whether the stream may not continue without it.</param>
internal sealed class StreamToken(Func<string?> read, bool isFixed, bool isRequired = false)
{
    private string? _used;
    private string? _refused;

    public bool IsFixed { get; } = isFixed;

    public bool IsRequired { get; } = isRequired;

    /// <summary>Whether the connection is anonymous because the server refused the token.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Whether a login may replace a token that was given up.</summary>
    public bool AwaitsLogin => IsGivenUp && !IsFixed;

    /// <summary>The token for a new connection.</summary>
    public string? Read()
    {
        _used = read();
        IsGivenUp = _used is not null && _used == _refused;
        return IsGivenUp ? null : _used;
    }

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

    /// <summary>Lets the next connection be anonymous, after the server has refused the token in use.</summary>
    /// <returns>false if the token is required, or the connection was anonymous already.</returns>
    public bool TryGiveUp()
    {
        if (IsRequired || IsGivenUp || string.IsNullOrEmpty(_used))
        {
            return false;
        }
        _refused = _used;
        return true;
    }
}
