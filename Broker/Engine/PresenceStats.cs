namespace ClawEvents.Broker.Engine;

/// <summary>How many are present in a channel.</summary>
/// <param name="Clients">Connections.</param>
/// <param name="Users">Different users; all anonymous ones are one.</param>
internal readonly record struct PresenceStats(int Clients, int Users);
