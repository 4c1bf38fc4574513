namespace ClawEvents.Broker.Channels;

/// <summary>A namespace's options that a token or proxy overrides for one subscription. Null: not overridden.</summary>
internal readonly record struct OptionOverrides(
    bool? Presence = null, bool? JoinLeave = null, bool? ForcePushJoinLeave = null, bool? ForceRecovery = null, bool? ForcePositioning = null);

/// <summary>A subscription that a token or a back end allows.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Info">Shown with the client on this channel; empty: nothing.</param>
/// <param name="Data">Told to the client when it is subscribed; empty: nothing.</param>
/// <param name="Overrides">Options.</param>
internal sealed record AllowedSubscription(string Channel, ReadOnlyMemory<byte> Info = default, ReadOnlyMemory<byte> Data = default, OptionOverrides Overrides = default)
{
    /// <summary>When it ends unless it is refreshed; <see cref="DateTimeOffset.MaxValue"/>: never.</summary>
    public DateTimeOffset ExpiresAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Sends to this subscription alone; null: the channel is all there is. The subscription that is made of it, if any, ends it.</summary>
    public ISubscriptionSource? Source { get; init; }
}
