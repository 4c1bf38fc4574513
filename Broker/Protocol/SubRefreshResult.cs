namespace ClawEvents.Broker.Protocol;

/// <summary>The reply to a sub_refresh.</summary>
/// <param name="TimeToLiveSeconds">Until the subscription, or the right to the tracked keys, needs to be renewed; 0 when it does not expire.</param>
/// <param name="Items">The values of tracked keys that are newer than those the client has; null: none.</param>
internal readonly record struct SubRefreshResult(long TimeToLiveSeconds, IReadOnlyList<WirePublication>? Items = null);
