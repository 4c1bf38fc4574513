using System.Collections.Concurrent;
using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>What this node subscribes to in Redis: from a channel's first local subscriber until some time after its last.</summary>
/// <remarks>
/// DESIGN. Each name has a wish (how many want it) and a state (what was sent, and answered). A change of the wish only queues the name; the
/// server's listener takes the queued names in batches and sends whatever takes the state to the wish as it is by then. So a subscriber who
/// comes and goes fast costs nothing, and one who comes back in the midst of it finds the name subscribed in the end: commands of
/// one connection are carried out in order, and a subscription counts as confirmed when as many answers came as commands were sent.
/// When a connection is lost its names begin anew. A name that belongs to another server than before leaves the one first, and is subscribed to at the
/// other when that is confirmed: so nothing comes twice, and what went by in between is an interruption.
/// Thread-safe: one gate; nothing waits and nothing is called under it. Finding a name by a message's takes no gate.
/// </remarks>
/// <param name="route">Where a channel, or with null the orders, belong now; called under the gate.</param>
/// <param name="time">Tells when a name was left.</param>
/// <param name="linger">How long a name without subscribers stays subscribed: a client that reconnects finds it so.</param>
internal sealed class BusSubscriptions(Func<ChannelName?, BusHome> route, TimeProvider time, TimeSpan linger)
{
    // The longest name of a channel and what stands around it.
    private const int MaxNameBytes = ChannelNames.MaxBytes + 64;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, BusSubscription> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<ChannelName, BusSubscription> _channels = [];
    private readonly Queue<(BusSubscription Subscription, long Since)> _left = [];

    /// <summary>Names that are, or are to be, subscribed to.</summary>
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

    /// <summary>One more wants a channel.</summary>
    /// <returns>Complete when all that is published in it comes in.</returns>
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

    /// <summary>What other nodes say is wanted, for good.</summary>
    /// <param name="node">This one.</param>
    public void AddOrders(Guid node)
    {
        BusHome home;
        lock (_gate)
        {
            home = route(null);
            AddForGood(new(home.Names.Orders, channel: null) { Home = home });
            AddForGood(new(home.Names.OfNode(node), channel: null) { Home = home, IsOfOneNode = true });
        }

        home.Wake();
    }

    /// <summary>One fewer wants it.</summary>
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

    /// <summary>Gives up the names that have been without subscribers for long enough. Called now and then.</summary>
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

    /// <summary>Whose name a message carries; null when it was left.</summary>
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

    /// <summary>What is to be sent to a server next, as sent.</summary>
    /// <param name="home">Which server.</param>
    /// <param name="most">How many names at most.</param>
    /// <returns>Null when there is nothing, or no connection.</returns>
    public BusBatch? TakeBatch(BusHome home, int most)
    {
        lock (_gate)
        {
            if (home.Connection is not { } connection)
            {
                return null;
            }

            var batch = new BusBatch(connection, [], []);
            while (batch.Subscribe.Count + batch.Unsubscribe.Count < most && home.Changed.TryDequeue(out var subscription))
            {
                Send(subscription, home, batch);
            }

            return batch.Subscribe.Count + batch.Unsubscribe.Count > 0 ? batch : null;
        }
    }

    /// <summary>The server has carried out a command for a name.</summary>
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

            if (subscription.IsAsked)
            {
                EnqueueResumed(subscription);
                confirmation = subscription.Confirmation;
                subscription.Confirmation = null;
            }
            else
            {
                BeginAnew(subscription);
            }
        }

        confirmation?.SetResult();
        subscription.Home.Wake();
    }

    /// <summary>Takes some of those whose subscribers have to be told of an interruption; those who cannot be told are to be put back.</summary>
    public List<BusSubscription> TakeResumed(BusHome home, int most)
    {
        var resumed = new List<BusSubscription>();
        lock (_gate)
        {
            while (resumed.Count < most && home.Resumed.TryDequeue(out var subscription))
            {
                if (subscription is { IsInterrupted: true, IsConfirmed: true } && subscription.Home == home)
                {
                    // From here on the next loss is another one.
                    subscription.IsInterrupted = false;
                    resumed.Add(subscription);
                }
            }
        }

        return resumed;
    }

    /// <summary>They could not be told yet.</summary>
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

    /// <summary>Channels may belong to other servers than before: those that do move there.</summary>
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

    /// <summary>A server has a connection: everything that is wanted there is queued.</summary>
    public void Connect(BusHome home, RespConnection connection)
    {
        lock (_gate)
        {
            home.Connection = connection;
            foreach (var subscription in _all.Values.Where(subscription => subscription.Home == home))
            {
                Queue(subscription);
            }
        }

        home.Wake();
    }

    /// <summary>A server's connection is lost, and nothing of it comes any more: its names begin anew, where they belong by now.</summary>
    public void Lose(BusHome home)
    {
        BusSubscription[] lost;
        lock (_gate)
        {
            home.Connection = null;
            home.Changed.Clear();
            home.Resumed.Clear();
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
            // It waited here before it moved.
            return;
        }

        subscription.IsQueued = false;
        var isWanted = subscription.Wanted > 0 && route(subscription.Channel) == home;
        if (isWanted != subscription.IsAsked)
        {
            // Not wanted here, but elsewhere: what is published until it is subscribed to there goes by.
            subscription.IsInterrupted |= subscription is { IsConfirmed: true, Wanted: > 0 };
            subscription.IsAsked = isWanted;
            subscription.Sent++;
            (isWanted ? batch.Subscribe : batch.Unsubscribe).Add(subscription.Name);
        }
        else if (!isWanted && subscription.Sent == subscription.Answered)
        {
            BeginAnew(subscription);
        }
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
        subscription.IsAsked = subscription.IsQueued = false;
        subscription.Sent = subscription.Answered = 0;
        if (subscription.Wanted == 0)
        {
            Forget(subscription);
            return;
        }

        subscription.Home = route(subscription.Channel);
        Queue(subscription);
    }

    // It may still wait in a queue while a later one has its name.
    private void Forget(BusSubscription subscription)
    {
        if (_all.TryRemove(new(subscription.Name, subscription)) && subscription.Channel is { } channel)
        {
            _channels.Remove(channel);
        }
    }
}

/// <summary>Names for one round of commands.</summary>
/// <param name="Connection">Over which they go, and no other.</param>
internal sealed record BusBatch(RespConnection Connection, List<string> Subscribe, List<string> Unsubscribe);
