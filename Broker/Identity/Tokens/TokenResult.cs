namespace ClawEvents.Broker.Identity.Tokens;

internal enum TokenStatus : byte
{
    Valid,

    /// <summary>Rightly signed, but over, or not yet begun: a new token helps.</summary>
    Expired,

    /// <summary>Rightly signed, but no longer the principal's live key.</summary>
    Revoked,

    /// <summary>Malformed, wrongly signed, of another algorithm, too long or without a subject.</summary>
    Invalid,

    /// <summary>The keys it would be judged by cannot be had just now: the same token may be good later.</summary>
    Unavailable,
}

/// <summary>What a token proves.</summary>
/// <param name="Status">Whether it proves anything.</param>
/// <param name="Principal">Who it proves; anonymous unless valid.</param>
/// <param name="ExpiresAt">When it ends; <see cref="DateTimeOffset.MaxValue"/> when it never does.</param>
internal readonly record struct TokenResult(TokenStatus Status, Principal Principal, DateTimeOffset ExpiresAt)
{
    public static TokenResult Refused(TokenStatus status) => new(status, Principal.Anonymous, DateTimeOffset.MaxValue);
}
