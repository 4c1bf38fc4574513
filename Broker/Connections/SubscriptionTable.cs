using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>The subscriptions of one connection, also those that are still pending, and the timer that looks after them.</summary>
/// <remarks>A struct inside the connection and never copied, so that it costs no object. Thread-safe, without a gate.</remarks>
internal struct SubscriptionTable()
{
    // A plain array: most connections have one subscription, and a walk over the 128 allowed ones is quicker than a hash table.
    // It is replaced and never changed.
    private Subscription[] _all = [];

    // Null until a subscription needs it.
    private SubscriptionUpkeep? _upkeep;

    /// <summary>As they are now; the array never changes.</summary>
    public readonly Subscription[] All => Volatile.Read(in _all);

    public readonly SubscriptionUpkeep? Upkeep => Volatile.Read(in _upkeep);

    public readonly Subscription? Find(ChannelName channel) => Find(All, channel);

    /// <summary>Whether there is room for a subscription to a channel.</summary>
    /// <returns>Null when there is, otherwise the error to answer with.</returns>
    public readonly ErrorCode? CheckRoom(ChannelName channel, int limit) => CheckRoom(All, channel, limit);

    /// <returns>Null when it was added, otherwise the error to answer with.</returns>
    public ErrorCode? TryAdd(Subscription subscription, int limit)
    {
        Subscription[] current;
        ErrorCode? error;
        do
        {
            current = All;
            error = CheckRoom(current, subscription.Channel, limit);
        }
        while (error is null && Interlocked.CompareExchange(ref _all, [.. current, subscription], current) != current);
        return error;
    }

    public void Remove(Subscription subscription)
    {
        Subscription[] current;
        do
        {
            current = All;
        }
        while (Interlocked.CompareExchange(ref _all, Array.FindAll(current, kept => kept != subscription), current) != current);
    }

    /// <returns>Those that were removed.</returns>
    public Subscription[] RemoveAll() => Interlocked.Exchange(ref _all, []);

    /// <returns>False when there is one already.</returns>
    public bool TrySetUpkeep(SubscriptionUpkeep upkeep) => Interlocked.CompareExchange(ref _upkeep, upkeep, null) is null;

    private static Subscription? Find(Subscription[] subscriptions, ChannelName channel)
    {
        foreach (var subscription in subscriptions)
        {
            if (subscription.Channel.Equals(channel))
            {
                return subscription;
            }
        }

        return null;
    }

    private static ErrorCode? CheckRoom(Subscription[] subscriptions, ChannelName channel, int limit) =>
        Find(subscriptions, channel) is not null ? ErrorCode.AlreadySubscribed
        : subscriptions.Length >= limit ? ErrorCode.LimitExceeded
        : null;
}
