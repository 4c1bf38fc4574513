using System.Text.RegularExpressions;
using ClawEvents.Broker.Identity.KeySets;

namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>Which tokens are accepted. docs/reference/settings.md</summary>
internal sealed record TokenSettings
{
    /// <summary>HMAC key of a back end; null: <c>JWT_SECRET</c>.</summary>
    public string? Secret { get; init; }

    /// <summary>Tokens signed with <c>JWT_SECRET</c>, as the broker's own are, are accepted also where <see cref="Secret"/> is set.</summary>
    public bool IncludesOwnSecret { get; init; }

    /// <summary>Accepted as well, until <see cref="PreviousSecretEnd"/>.</summary>
    public string? PreviousSecret { get; init; }

    /// <summary><see cref="DateTimeOffset.MaxValue"/>: never.</summary>
    public DateTimeOffset PreviousSecretEnd { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>PEM.</summary>
    public string? RsaPublicKey { get; init; }

    /// <summary>PEM.</summary>
    public string? EcdsaPublicKey { get; init; }

    /// <summary>Where public keys are published (RFC 7517, section 5). With it, the two above are ignored.</summary>
    public KeySetAddress? KeysAddress { get; init; }

    /// <summary><c>TokenJwksAnyValue</c>: a token may choose the address by any text of a form, and not only from a list.</summary>
    public bool HasAnyKeysAddress { get; init; }

    /// <summary>How long each of the three attempts to fetch the published keys may take.</summary>
    public TimeSpan KeysTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The <c>aud</c> a token has to have; null: any, or none.</summary>
    public string? Audience { get; init; }

    /// <summary>The pattern that one <c>aud</c> of a token has to match; null: any, or none.</summary>
    public Regex? AudiencePattern { get; init; }

    /// <summary>The <c>iss</c> a token has to have; null: any, or none.</summary>
    public string? Issuer { get; init; }

    /// <summary>The pattern that the <c>iss</c> of a token has to match; null: any, or none.</summary>
    public Regex? IssuerPattern { get; init; }

    /// <summary>The claim that names the user.</summary>
    public string UserClaim { get; init; } = "sub";

    /// <summary>Put before the names of users in tokens that others have signed, so that they cannot be those of the broker's own agents.</summary>
    public string UserPrefix { get; init; } = "";

    /// <summary>Signatures are not verified: any client can claim any identity. For trying things out.</summary>
    public bool SkipsSignatures { get; init; }

    /// <summary>HS384 and HS512 are invalid, as at the API.</summary>
    public bool AcceptsOnlyHs256 { get; init; }

    /// <summary>Longer tokens are invalid. With server-side subscriptions in it a token may be long; a connection's first message holds no more anyway.</summary>
    public int MaxTokenBytes { get; init; } = 32 * 1024;
}
