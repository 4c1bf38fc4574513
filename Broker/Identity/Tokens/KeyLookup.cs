namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The key that has signed a token, as the unverified token describes it.</summary>
/// <param name="Algorithm">Its <c>alg</c>, with any content.</param>
/// <param name="KeyId">Its <c>kid</c>; empty without one.</param>
/// <param name="Parts">Parts of its issuer and audience, for the address of published keys.</param>
internal sealed record KeyLookup(string Algorithm, string KeyId, IReadOnlyDictionary<string, string> Parts);
