namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>What a token says about the key that has signed it. It need not be true.</summary>
/// <param name="Algorithm">Its <c>alg</c>, with any content.</param>
/// <param name="KeyId">Its <c>kid</c>; empty without one.</param>
/// <param name="Parts">Parts of its issuer and audience, for the address of published keys.</param>
internal sealed record KeyLookup(string Algorithm, string KeyId, IReadOnlyDictionary<string, string> Parts);
