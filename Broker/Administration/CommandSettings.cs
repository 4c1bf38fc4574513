using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Administration;

/// <summary>The part of the settings that commands use.</summary>
/// <param name="Faults">One line per wrong setting.</param>
/// <param name="Ignored">Names of a Centrifugo's settings that have no effect here.</param>
/// <param name="Unknown">One line per setting that nobody has.</param>
/// <param name="Effective">Lines that show the values, each with the place that it comes from, without secrets.</param>
/// <param name="ClientTokens">How connection tokens are checked.</param>
/// <param name="SubscriptionTokens">How subscription tokens are checked.</param>
/// <param name="OpenSecret">The broker's own signing secret; created and stored if there is none.</param>
internal sealed record CommandSettings(
    IReadOnlyList<string> Faults, IReadOnlyList<string> Ignored, IReadOnlyList<string> Unknown, IEnumerable<string> Effective, TokenSettings ClientTokens, TokenSettings SubscriptionTokens, Func<SigningSecret> OpenSecret);
