using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>A token with a correct signature and correct claims.</summary>
/// <remarks>The time, whether the signing key still counts, and whether an API key is the live one are checked at every use, because they can change.</remarks>
/// <param name="Content">Its claims, as the reader returned them.</param>
/// <param name="NotBefore">The first moment at which it is valid.</param>
/// <param name="ExpiresAt"><see cref="DateTimeOffset.MaxValue"/>: never.</param>
internal sealed record VerifiedToken<T>(T Content, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt)
{
    /// <summary>Finds the keys that may have signed it.</summary>
    public required KeyLookup Lookup { get; init; }

    /// <summary>The key that has signed it; null where signatures are not checked.</summary>
    public SecurityKey? SigningKey { get; init; }

    /// <summary>Null when the token is not an agent's or an app's key.</summary>
    public ApiKey? ApiKey { get; init; }

    public bool IsWithin(DateTimeOffset now) => NotBefore <= now && now < ExpiresAt;
}

/// <summary>A token that is valid only as long as it is its owner's live key.</summary>
/// <param name="Owner">An agent's name, or <c>app:&lt;name&gt;</c>; empty: it can't be live.</param>
/// <param name="Hash">As <see cref="TokenIssuer.HashOf"/> computes it.</param>
internal sealed record ApiKey(string Owner, string Hash);
