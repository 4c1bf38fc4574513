namespace ClawEvents.Broker.Identity.Tokens;

internal enum TokenStatus : byte
{
    Valid,

    /// <summary>Correctly signed, but it has expired or is not valid yet: a new token helps.</summary>
    Expired,

    /// <summary>Correctly signed, but no longer the live key of its agent or app.</summary>
    Revoked,

    /// <summary>Malformed, too long, wrongly signed, or with claims that are missing or of the wrong type.</summary>
    Invalid,

    /// <summary>The keys to check it with cannot be fetched at the moment: the same token may be valid later.</summary>
    Unavailable,
}
