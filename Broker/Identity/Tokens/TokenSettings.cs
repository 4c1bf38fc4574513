using System.Text.RegularExpressions;
using ClawEvents.Broker.Identity.KeySets;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Which tokens of clients are believed. docs/reference/settings.md</summary>
internal sealed record TokenSettings
{
    /// <summary>HMAC key of a back end; null: <c>JWT_SECRET</c> is it.</summary>
    public string? Secret { get; init; }

    /// <summary>What <c>JWT_SECRET</c> has signed is believed also where <see cref="Secret"/> is set: the broker's own tokens are.</summary>
    public bool IncludesOwnSecret { get; init; }

    /// <summary>May have signed as well, until <see cref="PreviousSecretEnd"/>.</summary>
    public string? PreviousSecret { get; init; }

    /// <summary><see cref="DateTimeOffset.MaxValue"/>: for ever.</summary>
    public DateTimeOffset PreviousSecretEnd { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>PEM.</summary>
    public string? RsaPublicKey { get; init; }

    /// <summary>PEM.</summary>
    public string? EcdsaPublicKey { get; init; }

    /// <summary>Where the RSA and elliptic-curve keys are published (RFC 7517, section 5); it stands in the place of the two above.</summary>
    public KeySetAddress? KeysAddress { get; init; }

    /// <summary>The <c>aud</c> a token has to have; null: any, or none.</summary>
    public string? Audience { get; init; }

    /// <summary>What one <c>aud</c> of a token has to match; null: anything, or none.</summary>
    public Regex? AudiencePattern { get; init; }

    /// <summary>The <c>iss</c> a token has to have; null: any, or none.</summary>
    public string? Issuer { get; init; }

    /// <summary>What the <c>iss</c> of a token has to match; null: anything, or none.</summary>
    public Regex? IssuerPattern { get; init; }

    /// <summary>The claim that names the user.</summary>
    public string UserClaim { get; init; } = "sub";

    /// <summary>Nobody looks who has signed a token: whoever brings one is who it says. For trying things out.</summary>
    public bool SkipsSignatures { get; init; }
}
