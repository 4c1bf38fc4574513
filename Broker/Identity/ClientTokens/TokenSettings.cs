namespace ClawEvents.Broker.Identity.ClientTokens;

/// <summary>Which tokens of clients are believed, besides our own. docs/reference/settings.md</summary>
internal sealed record TokenSettings
{
    /// <summary>HMAC keys; any of them may have signed. Without one, <c>JWT_SECRET</c> is it.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>PEM.</summary>
    public string? RsaPublicKey { get; init; }

    /// <summary>PEM.</summary>
    public string? EcdsaPublicKey { get; init; }

    /// <summary>Where the RSA and elliptic-curve keys are published (RFC 7517, section 5); it stands in the place of the two above.</summary>
    public Uri? KeysAddress { get; init; }

    /// <summary>The <c>aud</c> a token has to have; null: any, or none.</summary>
    public string? Audience { get; init; }

    /// <summary>The <c>iss</c> a token has to have; null: any, or none.</summary>
    public string? Issuer { get; init; }

    /// <summary>The claim that names the user.</summary>
    public string UserClaim { get; init; } = "sub";
}
