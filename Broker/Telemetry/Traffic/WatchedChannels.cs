using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Telemetry.Traffic;

/// <summary>The channels that are counted exactly, because somebody asked for them.</summary>
/// <remarks>Thread-safe. Hot path: without any a read of a field, otherwise a look-up.</remarks>
internal sealed class WatchedChannels(TimeProvider time)
{
    /// <summary>Beyond it, the one that was asked for the longest time ago is forgotten.</summary>
    public const int MaxChannels = 100;

    /// <summary>How long a channel is counted after somebody asked for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();

    // Null while nobody asks for any. Changed under the gate.
    private ConcurrentDictionary<ChannelName, WatchedCounts>? _channels;

    /// <returns>Null when the channel is not counted.</returns>
    public WatchedCounts? Find(ChannelName channel) => Volatile.Read(ref _channels) is { } channels && channels.TryGetValue(channel, out var counts) ? counts : null;

    public WatchedCounts Watch(ChannelName channel)
    {
        lock (_gate)
        {
            _channels ??= new();
            if (!_channels.TryGetValue(channel, out var counts))
            {
                MakeRoom(_channels);
                _channels[channel] = counts = new(time);
            }

            counts.AskedAt = time.GetTimestamp();
            return counts;
        }
    }

    /// <summary>Forgets those that nobody has asked for lately.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var (channel, _) in (_channels ?? []).Where(watched => time.GetElapsedTime(watched.Value.AskedAt) >= Patience))
            {
                _channels!.TryRemove(channel, out _);
            }

            _channels = _channels is { IsEmpty: true } ? null : _channels;
        }
    }

    private static void MakeRoom(ConcurrentDictionary<ChannelName, WatchedCounts> channels)
    {
        if (channels.Count >= MaxChannels)
        {
            channels.TryRemove(channels.MinBy(watched => watched.Value.AskedAt).Key, out _);
        }
    }
}

/// <summary>Exact counts of one channel on this node. Thread-safe.</summary>
internal sealed class WatchedCounts(TimeProvider time)
{
    private readonly long _since = time.GetTimestamp();
    private readonly StripedCounter _messages = new();
    private readonly StripedCounter _bytes = new();
    private readonly StripedCounter _deliveries = new();

    public long Messages => _messages.Sum();

    public long Bytes => _bytes.Sum();

    public long Deliveries => _deliveries.Sum();

    /// <summary>The time in which they were counted.</summary>
    public double Seconds => time.GetElapsedTime(_since).TotalSeconds;

    /// <summary>The timestamp of the last question. Under the gate of its owner.</summary>
    public long AskedAt { get; set; }

    public void Published(int bytes)
    {
        _messages.Add();
        _bytes.Add(bytes);
    }

    public void Delivered(int deliveries) => _deliveries.Add(deliveries);
}
