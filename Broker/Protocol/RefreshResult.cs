namespace ClawEvents.Broker.Protocol;

/// <summary>The reply to a refresh. The fields are those of <see cref="ConnectResult"/>.</summary>
internal readonly record struct RefreshResult(Guid Client, string Version, long TimeToLiveSeconds);
