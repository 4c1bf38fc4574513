using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.SharedPolls;

/// <summary>A key that a client wants to track.</summary>
/// <param name="Version">Of the value that it has; 0: none.</param>
/// <param name="ExpiresAt">When its right to it ends, in seconds since 1970; 0: never.</param>
internal readonly record struct KeyToTrack(string Key, ulong Version, long ExpiresAt);

/// <summary>A client's subscription to a channel of shared polls: nothing is delivered to it, but to the keys that it tracks.</summary>
/// <remarks>Its own gate is taken before that of the polled channel, and no other is taken under it.</remarks>
internal sealed class SharedPollSubscription(ISubscriber subscriber, ChannelName channel, SubscriptionTraits traits, SharedPollChannels channels, SharedPollOptions options, bool takesDeltas)
    : Subscription(subscriber, channel, traits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TrackedKey> _tracked = new(StringComparer.Ordinal);

    // Null before it has entered, and when it has left.
    private PolledChannel? _polled;
    private TrackExpiry? _expiry;
    private bool _hasLeft;

    /// <summary>The options with which it was made.</summary>
    public SharedPollOptions Options => options;

    public bool TakesDeltas => takesDeltas;

    /// <summary>The keys that are tracked now.</summary>
    public int TrackedCount
    {
        get
        {
            lock (_gate)
            {
                return _tracked.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override string Enter()
    {
        lock (_gate)
        {
            if (_hasLeft)
            {
                return "";
            }

            _polled = channels.Enter(this, options, out var epoch);
            return epoch;
        }
    }

    /// <inheritdoc/>
    public override void Leave()
    {
        lock (_gate)
        {
            _hasLeft = true;
            _expiry?.Stop();
            _polled?.Leave(this, _tracked.Values);
            _polled = null;
            _tracked.Clear();
        }
    }

    /// <summary>Tracks keys, silently until they begin: see <see cref="Subscription.State"/>. A key that is tracked already is tracked anew.</summary>
    /// <param name="wanted">Each key once.</param>
    /// <param name="error">Why nothing is tracked: there would be too many, or the subscription has ended.</param>
    public bool TryTrack(IReadOnlyList<KeyToTrack> wanted, [NotNullWhen(true)] out IReadOnlyList<TrackedKey>? tracked, [NotNullWhen(false)] out ErrorCode? error)
    {
        lock (_gate)
        {
            tracked = null;
            error = _polled is null ? ErrorCode.PermissionDenied.Because("permission denied: the subscription has ended")
                : _tracked.Count + wanted.Count(item => !_tracked.ContainsKey(item.Key)) > options.MaxKeysPerConnection
                    ? ErrorCode.LimitExceeded.Because($"limit exceeded: a connection may track {options.MaxKeysPerConnection} keys of a channel (max_keys_per_connection)")
                : null;
            if (error is not null)
            {
                return false;
            }

            tracked = _polled!.Track(this, wanted, _tracked);
            ExpectEnd(wanted);
            return true;
        }
    }

    /// <summary>Asks for the values that keys lack that have just begun.</summary>
    public void AskFor(IReadOnlyList<TrackedKey> tracked)
    {
        PolledChannel? polled;
        lock (_gate)
        {
            polled = _polled;
        }

        polled?.AskFor(tracked);
    }

    /// <summary>Tracks keys no longer; other keys are ignored.</summary>
    /// <returns>Those that were tracked: they may still be delivered to until they end.</returns>
    public IReadOnlyList<TrackedKey> Untrack(IEnumerable<string> keys)
    {
        lock (_gate)
        {
            var left = new List<TrackedKey>();
            foreach (var key in keys)
            {
                if (_tracked.Remove(key, out var tracked))
                {
                    left.Add(tracked);
                }
            }

            _polled?.Untrack(left);
            return left;
        }
    }

    /// <summary>Forgets a key that is gone from its channel.</summary>
    public void Forget(TrackedKey tracked)
    {
        lock (_gate)
        {
            if (_tracked.GetValueOrDefault(tracked.Key.Name) == tracked)
            {
                _tracked.Remove(tracked.Key.Name);
            }
        }
    }

    /// <summary>Tracks no longer the keys whose time is over. The client is not told: it renews its signatures by itself.</summary>
    /// <param name="now">In seconds since 1970.</param>
    /// <returns>The next end of a key; 0: none ends.</returns>
    public long DropExpired(long now)
    {
        lock (_gate)
        {
            var expired = _tracked.Values.Where(tracked => tracked.ExpiresAt > 0 && DropAt(tracked.ExpiresAt) <= now).ToList();
            expired.ForEach(tracked => _tracked.Remove(tracked.Key.Name));
            _polled?.Untrack(expired);
            return FirstDrop(_tracked.Values.Select(tracked => tracked.ExpiresAt));
        }
    }

    /// <inheritdoc/>
    public override bool TakesAll(PushBatch batch) => false;

    /// <inheritdoc/>
    public override DeliveryStep PickFrame(ChannelPush push, out byte[]? frame)
    {
        frame = null;
        return push.Kind is PushKind.Publication ? DeliveryStep.Pass : base.PickFrame(push, out frame);
    }

    /// <inheritdoc/>
    /// <remarks>What was missed comes with the next cycle.</remarks>
    public override DeliveryStep Interrupt(StreamPosition? top) => DeliveryStep.Pass;

    private void ExpectEnd(IReadOnlyList<KeyToTrack> wanted)
    {
        if (FirstDrop(wanted.Select(item => item.ExpiresAt)) is var first and > 0)
        {
            (_expiry ??= new TrackExpiry(this, channels.Wheel, channels.Time)).Expect(first);
        }
    }

    // When the first of some keys is dropped, in seconds since 1970; 0: none is.
    private long FirstDrop(IEnumerable<long> ends) => ends.Where(end => end > 0).Select(DropAt).DefaultIfEmpty().Min();

    private long DropAt(long end) => end + (long)options.TrackExpiredExtraDelay.TotalSeconds + 1;
}
