namespace ClawEvents.Broker.Protocol;

/// <summary>What the broker tells a client that brought a new token. The fields are those of <see cref="ConnectResult"/>.</summary>
internal readonly record struct RefreshResult(Guid Client, string Version, long TimeToLiveSeconds);
