using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>A token with a correct signature and correct claims.</summary>
/// <remarks>The time, whether the signing key still counts, and whether it was revoked are checked at every use, because they can change.</remarks>
/// <param name="Content">Its claims, as the reader returned them.</param>
/// <param name="NotBefore">The first moment at which it is valid.</param>
/// <param name="ExpiresAt"><see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed record VerifiedToken<T>(T Content, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt)
{
    /// <summary>Finds the keys that may have signed it.</summary>
    public required KeyLookup Lookup { get; init; }

    /// <summary>The key that has signed it; null where signatures are not checked.</summary>
    public SecurityKey? SigningKey { get; init; }

    public required TokenOwner Owner { get; init; }

    public bool IsWithin(DateTimeOffset now) => NotBefore <= now && now < ExpiresAt;
}
