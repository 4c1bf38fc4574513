using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Identity;

/// <summary>The settings for tokens and logins.</summary>
/// <param name="ClawkeyApiBase">Where public SSH keys are fetched from.</param>
/// <param name="SshKeygen">The program that checks SSH signatures: a path, or a name to search for in <c>PATH</c>.</param>
internal sealed record IdentitySettings(
    TokenSettings ConnectionTokens, TokenSettings SubscriptionTokens, MoltbookSettings Moltbook, Uri ClawkeyApiBase, string SshKeygen);
