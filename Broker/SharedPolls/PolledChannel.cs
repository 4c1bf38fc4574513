using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>A channel of shared polls with subscribers on this node: the keys that they track, and what is known of their values.</summary>
/// <remarks>
/// DESIGN. Each key has its own table of those that track it, so that a value costs only them. Values are compared under the channel's gate, and delivered
/// outside of it: two answers may pass each other, but a newer version is never followed by an older one, because each tracked key knows its version.
/// Thread-safe.
/// </remarks>
internal sealed partial class PolledChannel : TimerNode
{
    private readonly SharedPollChannels _home;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PolledKey> _keys = new(StringComparer.Ordinal);
    private readonly ChannelPoll _poll;

    // With the epoch that each was told.
    private readonly Dictionary<SharedPollSubscription, string> _subscribers = [];
    private string _epoch;
    private ulong _counter;
    private bool _isGone;

    /// <param name="options">Do not change while the channel has subscribers.</param>
    public PolledChannel(SharedPollChannels home, ChannelName name, SharedPollOptions options)
    {
        (_home, Name, Options) = (home, name, options);
        _epoch = options.IsVersioned ? "" : Epochs.New();
        _poll = new ChannelPoll(this, home);
    }

    public ChannelName Name { get; }

    public SharedPollOptions Options { get; }

    public int KeyCount
    {
        get
        {
            lock (_gate)
            {
                return _keys.Count;
            }
        }
    }

    /// <param name="epoch">The epoch of the versions that the subscriber will get.</param>
    /// <returns>False when this has left its home: there may be another.</returns>
    public bool TryEnter(SharedPollSubscription subscription, out string epoch)
    {
        lock (_gate)
        {
            epoch = _epoch;
            return !_isGone && _subscribers.TryAdd(subscription, epoch);
        }
    }

    /// <param name="tracked">All that the subscription tracks.</param>
    public void Leave(SharedPollSubscription subscription, IReadOnlyCollection<TrackedKey> tracked)
    {
        lock (_gate)
        {
            Remove(tracked);
            _subscribers.Remove(subscription);
            if (_subscribers.Count == 0)
            {
                _home.Wheel.Schedule(this, Options.ChannelShutdownDelay);
            }
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        lock (_gate)
        {
            _isGone = _subscribers.Count == 0;
        }

        if (_isGone)
        {
            _home.Remove(this);
        }
    }

    /// <summary>Puts keys of one subscription into the tables, pending.</summary>
    /// <param name="all">Those of the subscription; one that is there already is replaced.</param>
    public IReadOnlyList<TrackedKey> Track(SharedPollSubscription subscription, IReadOnlyList<KeyToTrack> wanted, Dictionary<string, TrackedKey> all)
    {
        var tracked = new List<TrackedKey>(wanted.Count);
        lock (_gate)
        {
            foreach (var item in wanted)
            {
                var key = FindOrAdd(item.Key);
                var fresh = new TrackedKey(subscription, key, item.Version, item.ExpiresAt);
                key.Trackers.Add(fresh);
                if (all.Remove(item.Key, out var former))
                {
                    Remove(former);
                }

                all.Add(item.Key, fresh);
                tracked.Add(fresh);
            }
        }

        _poll.Start();
        return tracked;
    }

    public void Untrack(IReadOnlyCollection<TrackedKey> tracked)
    {
        lock (_gate)
        {
            Remove(tracked);
        }
    }

    /// <summary>Makes up for what was delivered before keys had begun: asks soon for the values that the client lacks, and removes keys that have gone.</summary>
    public void AskFor(IReadOnlyList<TrackedKey> tracked)
    {
        var (lacking, gone) = (new List<string>(), new List<TrackedKey>());
        lock (_gate)
        {
            foreach (var item in tracked)
            {
                if (item.Key.IsGone)
                {
                    gone.Add(item);
                }
                else if (IsLacking(item))
                {
                    lacking.Add(item.Key.Name);
                }
            }
        }

        foreach (var item in gone)
        {
            item.Subscriber.TryEnqueue(item, KeyPush.Removal(Name, item.Key.Name));
        }

        if (lacking.Count > 0)
        {
            _poll.AskSoon(lacking);
        }
    }

    private PolledKey FindOrAdd(string name)
    {
        if (!_keys.TryGetValue(name, out var key))
        {
            _keys[name] = key = new PolledKey(Name, name, _home.Reactors);
        }

        return key;
    }

    // A key of which nothing is known is asked for once: those who come while the question is under way wait for its answer.
    private static bool IsLacking(TrackedKey tracked)
    {
        var key = tracked.Key;
        if (tracked.FirstVersion > 0 && tracked.FirstVersion >= key.Version)
        {
            return false;
        }

        var isFirst = key.Version > 0 ? !key.IsMissed : !key.IsAskedFor;
        (key.IsMissed, key.IsAskedFor) = (key.Version > 0, true);
        return isFirst;
    }

    private void Remove(IReadOnlyCollection<TrackedKey> tracked)
    {
        foreach (var item in tracked)
        {
            Remove(item);
        }
    }

    private void Remove(TrackedKey tracked)
    {
        var key = tracked.Key;
        if (!key.IsGone && key.Trackers.Remove(tracked) && key.Trackers.Count == 0)
        {
            key.IsGone = true;
            _keys.Remove(key.Name);
        }
    }
}
