namespace ClawEvents.Broker.Protocol;

/// <summary>What the broker tells a client that connected, or that refreshed its token.</summary>
/// <param name="Client">The connection's id, unique per connection (UUID, version 4).</param>
/// <param name="Version">Free text; the broker's name and version.</param>
/// <param name="TimeToLiveSeconds">Seconds until the client has to bring a new token; 0 when the connection does not expire.</param>
/// <param name="PingSeconds">How often the broker pings; 0 when it does not ping in the protocol's own manner.</param>
internal readonly record struct ConnectResult(Guid Client, string Version, long TimeToLiveSeconds, int PingSeconds);
