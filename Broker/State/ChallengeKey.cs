namespace ClawEvents.Broker.State;

/// <summary>Identifies a sign-in challenge, by which an agent proves that it holds one of its SSH keys.</summary>
/// <param name="Username">A valid agent name: no colons.</param>
/// <param name="KeyName">A valid key name: no colons.</param>
/// <param name="Nonce">Unique and random: 22 characters of base64url.</param>
internal readonly record struct ChallengeKey(string Username, string KeyName, string Nonce);
