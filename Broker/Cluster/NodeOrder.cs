using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Cluster;

/// <summary>What one node has all others do.</summary>
internal abstract record NodeOrder;

/// <summary>Whose connections an order means.</summary>
/// <param name="User">All connections of this user; the empty one is every anonymous connection.</param>
/// <param name="Client">Of them only the one with this id; null: all.</param>
/// <param name="Session">Of them only the one with this session; null: all.</param>
internal sealed record UserSelection(string User, Guid? Client = null, string? Session = null);

/// <param name="Except">Ids of connections that stay.</param>
internal sealed record DisconnectOrder(UserSelection Whom, int Code, string Reason, IReadOnlyList<Guid> Except) : NodeOrder;

internal sealed record UnsubscribeOrder(UserSelection Whom, ChannelName Channel) : NodeOrder;

/// <summary>A server-side subscription.</summary>
/// <param name="Info">About the subscription, JSON or any bytes; empty: nothing.</param>
/// <param name="Data">For the client, with the push; empty: nothing.</param>
/// <param name="ExpireAt">Unix time in seconds; 0: never.</param>
/// <param name="RecoverSince">Null: it does not recover.</param>
/// <param name="Override">In the place of the channel's own options.</param>
internal sealed record SubscribeOrder(
    UserSelection Whom,
    ChannelName Channel,
    ReadOnlyMemory<byte> Info,
    ReadOnlyMemory<byte> Data,
    long ExpireAt,
    StreamPosition? RecoverSince,
    SubscriptionOverride Override) : NodeOrder;

/// <summary>Null: as the channel's options say.</summary>
internal readonly record struct SubscriptionOverride(
    bool? Presence = null, bool? JoinLeave = null, bool? ForcePushJoinLeave = null, bool? ForcePositioning = null, bool? ForceRecovery = null);

/// <param name="IsExpired">The connection ends.</param>
/// <param name="ExpireAt">Unix time in seconds; 0: never.</param>
/// <param name="Info">About the connection; empty: as it was.</param>
internal sealed record RefreshOrder(UserSelection Whom, bool IsExpired, long ExpireAt, ReadOnlyMemory<byte> Info) : NodeOrder;

/// <summary>A lock or a grant was changed: what is known of it is forgotten, and who may not listen any more is removed.</summary>
internal sealed record AccessOrder(ChannelName Channel) : NodeOrder;

/// <summary>A principal's key was changed: what is known of it is forgotten, and connections of the old one end.</summary>
internal sealed record KeyOrder(string Principal) : NodeOrder;

/// <summary>What is known of a channel's advertisement is forgotten.</summary>
internal sealed record AdvertisementOrder(ChannelName Channel) : NodeOrder;

/// <summary>Carries orders of other nodes out on this one.</summary>
/// <remarks>Called in the order in which a node gave them. Members do not wait and do not throw.</remarks>
internal interface INodeOrders
{
    void Disconnect(DisconnectOrder order);

    void Unsubscribe(UnsubscribeOrder order);

    void Subscribe(SubscribeOrder order);

    void Refresh(RefreshOrder order);

    void CheckAccess(AccessOrder order);

    void ForgetKey(KeyOrder order);

    void ForgetAdvertisement(AdvertisementOrder order);

    /// <summary>Orders may have been missed. Who may listen has to be asked again everywhere; what else was ordered is lost.</summary>
    void TakeInterruption();
}
