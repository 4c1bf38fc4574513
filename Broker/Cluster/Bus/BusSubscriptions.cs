using System.Collections.Concurrent;
using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>The subscriptions of this node in Redis: from a channel's first local subscriber until some time after its last.</summary>
/// <remarks>
/// DESIGN. Each name has a wish (its number of subscribers) and a state (commands sent, and answered). A change of the wish only queues the name;
/// the server's listener takes the queued names in batches and sends the commands that lead from the state to the current wish. So a subscriber
/// that comes and goes fast costs nothing, and one that comes back meanwhile finds the name subscribed in the end: commands of
/// one connection are carried out in order, and a subscription counts as confirmed when as many answers came as commands were sent.
/// When a connection is lost, its names start again. A name that belongs to another server than before first leaves the old one, and is subscribed at
/// the other when that is confirmed: so no message arrives twice, and the time in between is an interruption.
/// Sharded subscriptions (<c>SSUBSCRIBE</c>) may be refused, and the server ends them by itself when their slot leaves. So their commands count as
/// answered when a ping behind them is, and what holds then is what the last push about the name said. A name that is not as it was asked is tried
/// again a moment later, or at the server to which its slot has moved by then.
/// Thread-safe: one gate; nothing waits and nothing is called under it. Finding the name of a message takes no gate.
/// </remarks>
/// <param name="route">Returns the current server of a channel, or, with null, of messages between nodes; called under the gate.</param>
/// <param name="linger">How long a name without subscribers stays subscribed, for clients that reconnect.</param>
internal sealed partial class BusSubscriptions(Func<ChannelName?, BusHome> route, TimeProvider time, TimeSpan linger)
{
    // The longest name of a channel, with prefix and suffix.
    private const int MaxNameBytes = ChannelNames.MaxBytes + 64;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, BusSubscription> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<ChannelName, BusSubscription> _channels = [];
    private readonly Queue<(BusSubscription Subscription, long Since)> _left = [];

    /// <summary>The number of names that are, or will be, subscribed to.</summary>
    public int Count => _all.Count;

    /// <summary>The channels with local subscribers.</summary>
    public ChannelName[] Channels
    {
        get
        {
            lock (_gate)
            {
                return [.. _channels.Values.Where(subscription => subscription.Wanted > 0).Select(subscription => subscription.Channel!)];
            }
        }
    }

    /// <summary>Adds a subscriber of a channel.</summary>
    /// <returns>Complete when all of its publications arrive.</returns>
    public Task AddAsync(ChannelName channel)
    {
        BusHome home;
        Task confirmation;
        lock (_gate)
        {
            var subscription = GetOrAdd(channel);
            subscription.Wanted++;
            if (subscription.IsConfirmed)
            {
                return Task.CompletedTask;
            }

            Queue(subscription);
            subscription.Confirmation ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            (home, confirmation) = (subscription.Home, subscription.Confirmation.Task);
        }

        home.Wake();
        return confirmation;
    }

    /// <summary>Subscribes to messages of other nodes, for good.</summary>
    public void AddOrders(Guid node)
    {
        BusHome home;
        lock (_gate)
        {
            home = route(null);
            // Reported like an interruption when it is confirmed: orders may have been given before.
            AddForGood(new(home.Names.Orders, channel: null) { Home = home, IsInterrupted = true });
            AddForGood(new(home.Names.OfNode(node), channel: null) { Home = home, IsOfOneNode = true });
        }

        home.Wake();
    }

    /// <summary>Removes a subscriber of a channel.</summary>
    public void Remove(ChannelName channel)
    {
        lock (_gate)
        {
            var subscription = _channels[channel];
            if (--subscription.Wanted == 0)
            {
                _left.Enqueue((subscription, time.GetTimestamp()));
            }
        }

        if (linger == TimeSpan.Zero)
        {
            LeaveLingering();
        }
    }

    /// <summary>Unsubscribes from names that have been without subscribers for long enough. Called from time to time.</summary>
    public void LeaveLingering()
    {
        var idle = new List<BusSubscription>();
        lock (_gate)
        {
            while (_left.TryPeek(out var left) && time.GetElapsedTime(left.Since) >= linger)
            {
                _left.Dequeue();
                if (left.Subscription.Wanted == 0)
                {
                    Queue(left.Subscription);
                    idle.Add(left.Subscription);
                }
            }
        }

        Wake(idle);
    }

    /// <summary>Finds the subscription of a message by its name; null when it has ended.</summary>
    /// <remarks>Hot path: no allocation.</remarks>
    public BusSubscription? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[MaxNameBytes];
        return name.Length <= MaxNameBytes
            && Ascii.ToUtf16(name, text, out var length) is System.Buffers.OperationStatus.Done
            && _all.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var subscription)
                ? subscription
                : null;
    }

    /// <summary>Takes the next commands for a server, and marks them as sent.</summary>
    /// <param name="most">The maximum number of names.</param>
    /// <returns>Null when there is nothing, or no connection.</returns>
    public BusBatch? TakeBatch(BusHome home, int most)
    {
        BusBatch batch;
        var moved = new List<BusSubscription>();
        lock (_gate)
        {
            if (home.Connection is not { } connection)
            {
                return null;
            }

            batch = new BusBatch(connection, [], []);
            while (batch.Count < most && home.Changed.TryDequeue(out var subscription))
            {
                Send(subscription, home, batch);
                if (subscription.Home != home)
                {
                    moved.Add(subscription);
                }
            }
        }

        Wake(moved);
        return batch.Count > 0 ? batch : null;
    }

    /// <summary>The server has carried out a command, which is not sharded, for a name.</summary>
    public void Confirm(BusHome home, ReadOnlySpan<byte> name)
    {
        BusSubscription? subscription;
        TaskCompletionSource? confirmation = null;
        lock (_gate)
        {
            subscription = Find(name);
            if (subscription is null || subscription.Home != home || ++subscription.Answered != subscription.Sent)
            {
                return;
            }

            subscription.IsHeld = subscription.IsAsked;
            confirmation = Settle(subscription);
        }

        confirmation?.SetResult();
        subscription.Home.Wake();
    }

    /// <summary>Takes some of the names whose subscribers have to be notified of an interruption; the caller puts back those that it could not notify.</summary>
    public List<BusSubscription> TakeResumed(BusHome home, int most)
    {
        var resumed = new List<BusSubscription>();
        lock (_gate)
        {
            while (resumed.Count < most && home.Resumed.TryDequeue(out var subscription))
            {
                if (subscription is { IsInterrupted: true, IsConfirmed: true } && subscription.Home == home)
                {
                    // A loss from here on is another interruption.
                    subscription.IsInterrupted = false;
                    resumed.Add(subscription);
                }
            }
        }

        return resumed;
    }

    /// <summary>Puts back names whose subscribers could not be notified yet.</summary>
    public void PutBack(IReadOnlyCollection<BusSubscription> resumed)
    {
        lock (_gate)
        {
            foreach (var subscription in resumed)
            {
                subscription.IsInterrupted = true;
                EnqueueResumed(subscription);
            }
        }

        Wake(resumed);
    }

    /// <summary>Moves channels that belong to another server than before.</summary>
    public void Reroute()
    {
        var moving = new List<BusSubscription>();
        lock (_gate)
        {
            moving.AddRange(_all.Values.Where(subscription => route(subscription.Channel) != subscription.Home));
            foreach (var subscription in moving)
            {
                if (subscription is { IsAsked: false } && subscription.Sent == subscription.Answered)
                {
                    BeginAnew(subscription);
                }
                else
                {
                    Queue(subscription);
                }
            }
        }

        Wake(moving);
    }

    /// <summary>A server was connected: all names that belong to it are queued.</summary>
    /// <param name="isSharded">Whether channels are subscribed to with <c>SSUBSCRIBE</c>.</param>
    public void Connect(BusHome home, RespConnection connection, bool isSharded = false)
    {
        lock (_gate)
        {
            home.Connection = connection;
            home.IsSharded = isSharded;
            foreach (var subscription in _all.Values.Where(subscription => subscription.Home == home))
            {
                Queue(subscription);
            }
        }

        home.Wake();
    }

    /// <summary>A server's connection was lost, and nothing more arrives from it: its names start again, at their current servers.</summary>
    public void Lose(BusHome home)
    {
        BusSubscription[] lost;
        lock (_gate)
        {
            home.Connection = null;
            home.Changed.Clear();
            home.Resumed.Clear();
            home.Unsettled.Clear();
            lost = [.. _all.Values.Where(subscription => subscription.Home == home)];
            foreach (var subscription in lost)
            {
                BeginAnew(subscription);
            }
        }

        Wake(lost);
    }

    private static void Wake(IEnumerable<BusSubscription> subscriptions)
    {
        foreach (var home in subscriptions.Select(subscription => subscription.Home).Distinct())
        {
            home.Wake();
        }
    }

    private void AddForGood(BusSubscription subscription)
    {
        subscription.Wanted = 1;
        _all[subscription.Name] = subscription;
        Queue(subscription);
    }

    private BusSubscription GetOrAdd(ChannelName channel)
    {
        if (!_channels.TryGetValue(channel, out var subscription))
        {
            var home = route(channel);
            subscription = new(home.Names.Of(channel), channel) { Home = home };
            _channels.Add(channel, subscription);
            _all[subscription.Name] = subscription;
        }

        return subscription;
    }

    private void Send(BusSubscription subscription, BusHome home, BusBatch batch)
    {
        if (subscription.Home != home)
        {
            // It was queued here before it moved.
            return;
        }

        subscription.IsQueued = false;
        var isWanted = subscription.Wanted > 0 && route(subscription.Channel) == home;
        if (isWanted != subscription.IsAsked)
        {
            // It belongs to another server: publications until it is subscribed there are missed.
            subscription.IsInterrupted |= subscription is { IsConfirmed: true, Wanted: > 0 };
            subscription.IsAsked = isWanted;
            subscription.Sent++;
            batch.Add(subscription, home.IsSharded && subscription.Channel is not null);
        }
        else if (!isWanted && subscription.Sent == subscription.Answered)
        {
            BeginAnew(subscription);
        }
    }

    // All of its commands are answered. Returns what waits for that.
    private TaskCompletionSource? Settle(BusSubscription subscription)
    {
        if (!subscription.IsAsked)
        {
            BeginAnew(subscription);
            return null;
        }

        EnqueueResumed(subscription);
        var confirmation = subscription.Confirmation;
        subscription.Confirmation = null;
        return confirmation;
    }

    private static void EnqueueResumed(BusSubscription subscription)
    {
        if (subscription is { IsInterrupted: true, IsConfirmed: true })
        {
            subscription.Home.Resumed.Enqueue(subscription);
        }
    }

    private static void Queue(BusSubscription subscription)
    {
        if (!subscription.IsQueued)
        {
            subscription.IsQueued = true;
            subscription.Home.Changed.Enqueue(subscription);
        }
    }

    private void BeginAnew(BusSubscription subscription)
    {
        subscription.IsInterrupted |= subscription.IsConfirmed;
        subscription.IsAsked = subscription.IsHeld = subscription.IsQueued = false;
        subscription.Sent = subscription.Answered = 0;
        if (subscription.Wanted == 0)
        {
            Forget(subscription);
            return;
        }

        subscription.Home = route(subscription.Channel);
        Queue(subscription);
    }

    // It may still be queued while a later subscription has its name.
    private void Forget(BusSubscription subscription)
    {
        if (_all.TryRemove(new(subscription.Name, subscription)) && subscription.Channel is { } channel)
        {
            _channels.Remove(channel);
        }
    }
}
