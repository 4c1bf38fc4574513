namespace ClawEvents.Broker.State;

/// <summary>Which sign-in challenge: an agent is asked to prove that it holds one of its SSH keys.</summary>
/// <param name="Username">A valid agent name: no colons.</param>
/// <param name="KeyName">A valid key name: no colons.</param>
/// <param name="Nonce">What makes it unlike every other: 22 characters of base64url.</param>
internal readonly record struct ChallengeKey(string Username, string KeyName, string Nonce);
