using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Engine;

/// <summary>Results by idempotency key, for a while: one shard.</summary>
/// <remarks>Thread-safe. All are kept equally long, so the oldest is the first to go: when its time has come, or when there are too many.</remarks>
internal sealed class IdempotencyShard(TimeProvider time, TimerWheel wheel, TimeSpan ttl, int maxResults) : TimerNode
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ChannelName Channel, string Key), IdempotentResult> _results = [];
    private readonly Queue<(ChannelName Channel, string Key)> _oldestFirst = [];
    private readonly long _start = time.GetTimestamp();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _results.Count;
            }
        }
    }

    public IdempotentResult GetOrAdd(ChannelName channel, string key)
    {
        lock (_gate)
        {
            ForgetDue();
            return _results.TryGetValue((channel, key), out var result) ? result : Add((channel, key));
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        lock (_gate)
        {
            ForgetDue();
            if (_oldestFirst.TryPeek(out var oldest))
            {
                wheel.Schedule(this, _results[oldest].Due - time.GetElapsedTime(_start));
            }
        }
    }

    private IdempotentResult Add((ChannelName Channel, string Key) key)
    {
        if (_results.Count == maxResults)
        {
            _results.Remove(_oldestFirst.Dequeue());
        }
        else if (_results.Count == 0)
        {
            wheel.Schedule(this, ttl);
        }

        var result = new IdempotentResult(time.GetElapsedTime(_start) + ttl);
        _results.Add(key, result);
        _oldestFirst.Enqueue(key);
        return result;
    }

    private void ForgetDue()
    {
        var now = time.GetElapsedTime(_start);
        while (_oldestFirst.TryPeek(out var oldest) && _results[oldest].Due <= now)
        {
            _results.Remove(oldest);
            _oldestFirst.Dequeue();
        }

        if (_results.Count == 0)
        {
            // Neither gives back what a rush has made it grow to.
            _results.TrimExcess();
            _oldestFirst.TrimExcess();
        }
    }
}
