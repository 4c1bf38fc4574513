using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Telemetry.Traffic;

/// <summary>Counts publications, bytes and deliveries by channel on this node: the largest in the last 30 to 60 seconds, and exactly those that somebody asked about.</summary>
/// <remarks>
/// DESIGN. Each core counts into a stripe of its own, so that publishers do not meet; where one is in use (its thread was interrupted), the next
/// one is taken. Windows of 30 seconds begin with the half minutes of the clock, at all nodes alike; the last whole one and the one
/// under way are read, so that the answer always covers 30 to 60 seconds.
/// <para>Thread-safe. Hot path: no allocation, and no gate that another core usually holds.</para>
/// </remarks>
internal sealed class ChannelTraffic : IDisposable
{
    /// <summary>Channels in each ranking of a core, of which a node reports as many.</summary>
    public const int Capacity = 1_000;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    // About 300 KB each.
    private const int MaxStripes = 8;

    private readonly TrafficStripe[] _stripes;
    private readonly WatchedChannels _watched;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    // When the window before this one began; both are timestamps.
    private long _previousStart;
    private long _currentStart;

    /// <param name="stripes">0: as many as there are cores, up to 8.</param>
    public ChannelTraffic(TimeProvider time, int capacity = Capacity, int stripes = 0)
    {
        _time = time;
        _watched = new(time);
        _stripes = [.. Enumerable.Range(0, stripes > 0 ? stripes : Math.Min(MaxStripes, Environment.ProcessorCount)).Select(_ => new TrafficStripe(capacity))];
        _previousStart = _currentStart = time.GetTimestamp();
        var untilTurn = Window - TimeSpan.FromTicks(time.GetUtcNow().Ticks % Window.Ticks);
        _timer = time.CreateTimer(static traffic => ((ChannelTraffic)traffic!).Turn(), this, untilTurn, Window);
    }

    /// <summary>This node has taken a publication from a publisher.</summary>
    public void Published(ChannelName channel, int bytes)
    {
        var stripe = Enter();
        stripe.Published(channel, bytes);
        stripe.Gate.Exit();
        _watched.Find(channel)?.Published(bytes);
    }

    /// <summary>A publication was handed to connections of this node.</summary>
    public void Delivered(ChannelName channel, int deliveries)
    {
        if (deliveries == 0)
        {
            return;
        }

        var stripe = Enter();
        stripe.Delivered(channel, deliveries);
        stripe.Gate.Exit();
        _watched.Find(channel)?.Delivered(deliveries);
    }

    /// <summary>The channels with the largest sums of this node, <see cref="Capacity"/> at most.</summary>
    /// <param name="kind">Any but subscribers, whom the hub counts.</param>
    public TrafficSummary Read(TrafficKind kind)
    {
        var seconds = _time.GetElapsedTime(Volatile.Read(ref _previousStart)).TotalSeconds;
        var parts = new List<TrafficSummary>();
        foreach (var stripe in _stripes)
        {
            lock (stripe.Gate)
            {
                parts.AddRange(stripe.Read(kind, seconds));
            }
        }

        return TrafficSummary.Merge(parts, Capacity);
    }

    /// <summary>The exact counts of a channel since it was first asked for; it is counted until nobody has asked for ten minutes.</summary>
    public WatchedCounts Watch(ChannelName channel) => _watched.Watch(channel);

    public void Dispose() => _timer.Dispose();

    private TrafficStripe Enter()
    {
        var first = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _stripes.Length; i++)
        {
            var free = _stripes[(first + i) % _stripes.Length];
            if (free.Gate.TryEnter())
            {
                return free;
            }
        }

        var stripe = _stripes[first % _stripes.Length];
        stripe.Gate.Enter();
        return stripe;
    }

    private void Turn()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Gate)
            {
                stripe.Turn();
            }
        }

        Volatile.Write(ref _previousStart, _currentStart);
        _currentStart = _time.GetTimestamp();
        _watched.Forget();
    }
}
