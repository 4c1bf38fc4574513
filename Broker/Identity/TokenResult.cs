namespace ClawEvents.Broker.Identity;

internal enum TokenStatus : byte
{
    Valid,

    /// <summary>Rightly signed, but over, or not yet begun: a new token helps.</summary>
    Expired,

    /// <summary>Rightly signed, but no longer the principal's live key.</summary>
    Revoked,

    /// <summary>Malformed, wrongly signed, of another algorithm, too long or without a subject.</summary>
    Invalid,
}

/// <summary>What a token proves.</summary>
/// <param name="Status">Whether it proves anything.</param>
/// <param name="Principal">Who it proves; anonymous unless valid.</param>
/// <param name="ExpiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/> when it never does.</param>
internal readonly record struct TokenResult(TokenStatus Status, Principal Principal, DateTimeOffset ExpiresAt)
{
    /// <summary>What a client without a token is.</summary>
    public static TokenResult Anonymous { get; } = new(TokenStatus.Valid, Principal.Anonymous, DateTimeOffset.MaxValue);

    public static TokenResult Refused(TokenStatus status) => new(status, Principal.Anonymous, DateTimeOffset.MaxValue);

    /// <summary>Seconds the token has left, at least 1 and at most a year; 0 when it never ends.</summary>
    public long SecondsLeft(TimeProvider time)
    {
        const int longest = 365 * 24 * 3600;
        return ExpiresAt == DateTimeOffset.MaxValue ? 0 : Math.Clamp((long)(ExpiresAt - time.GetUtcNow()).TotalSeconds, 1, longest);
    }
}
