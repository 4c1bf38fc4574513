namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The principal that a correctly signed token names, and what decides whether the token still counts.</summary>
/// <param name="Name">An agent's name, or <c>app:&lt;name&gt;</c>; empty: anonymous.</param>
/// <param name="KeyHash">
/// As <see cref="TokenIssuer.HashOf"/> computes it: the token counts only as long as it is its owner's live key. Null: the token is not a key.
/// </param>
/// <param name="IssuedAt">Unix seconds; 0: the token does not say.</param>
internal readonly record struct TokenOwner(string Name, string? KeyHash, long IssuedAt)
{
    public Principal ToPrincipal() => Principal.Of(Name, TokenStamp.Of(KeyHash, IssuedAt));
}
