using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>Settings of tokens and logins. docs/reference/settings.md</summary>
/// <remarks>Settable ones change in place on a reload, and every read has the newest. Thread-safe.</remarks>
internal sealed record IdentityOptions
{
    public static readonly Uri DefaultClawkeyApiBase = new("https://clawkey.org");

    /// <summary><c>JWT_SECRET</c>; null to generate it once and keep it in the data folder. Required with many nodes, which sign with one secret.</summary>
    public string? JwtSecret { get; init; }

    /// <summary><c>MOLTBOOK_API_BASE</c>: the address of profiles, without a trailing slash.</summary>
    public Uri MoltbookApiBase { get; init; } = new("https://www.moltbook.com/api/v1");

    /// <summary><c>MOLTBOOK_API_KEY</c>; null to disable sign-in with a Moltbook profile.</summary>
    public string? MoltbookApiKey { get; set; }

    /// <summary>
    /// <c>AllowUnboundProfileLogin</c>: a sign-in by profile needs no verifier, as clients of the time before it had none. Anybody who reads the
    /// profile first gets the token.
    /// </summary>
    public bool AllowUnboundProfileLogin { get; set; }

    /// <summary>Whether a secret for HMAC is shorter than the hash that it makes, which <c>AllowShortSecrets</c> accepts.</summary>
    public bool HasShortSecret =>
        new[] { JwtSecret, ClientTokens.Secret, ClientTokens.PreviousSecret, SubscriptionTokens.Secret, SubscriptionTokens.PreviousSecret }
            .Any(secret => secret is not null && SigningSecret.IsTooShort(secret));

    /// <summary><c>CLAWKEY_API_BASE</c>: the address of public SSH keys; null for <see cref="DefaultClawkeyApiBase"/>.</summary>
    public Uri? ClawkeyApiBase { get; init; }

    /// <summary>Takes over what a reload changes; keys of tokens are kept elsewhere.</summary>
    public void ApplySettings(IdentityOptions fresh) =>
        (MoltbookApiKey, AllowUnboundProfileLogin) = (fresh.MoltbookApiKey, fresh.AllowUnboundProfileLogin);

    /// <summary>
    /// Whether a sign-in that could be either is one with an SSH key. Otherwise it is one with a Moltbook profile, also
    /// if neither way is configured.
    /// </summary>
    public bool PrefersSshKeys => ClawkeyApiBase is not null && MoltbookApiKey is null;

    /// <summary><c>Token…</c>: client tokens that others have signed.</summary>
    public TokenSettings ClientTokens { get; init; } = new();

    /// <summary><c>SubscriptionToken…</c>; if they are not set, subscription tokens are checked like <see cref="ClientTokens"/>.</summary>
    [AllowNull]
    public TokenSettings SubscriptionTokens
    {
        get => field ?? ClientTokens;
        init;
    }
}
