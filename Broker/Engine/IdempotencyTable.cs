using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Engine;

/// <summary>Results by idempotency key, kept for a while, at most <see cref="MaxResults"/> of them.</summary>
/// <remarks>Thread-safe. Sharded by channel and key, since one channel may have all the keys.</remarks>
internal sealed class IdempotencyTable(TimeProvider time, TimerWheel wheel, TimeSpan ttl)
{
    /// <summary>Some 60 MB; enough for 870 publications with a key a second that are kept for five minutes. With more, the oldest are forgotten early.</summary>
    public const int MaxResults = ShardCount * MaxResultsPerShard;

    private const int ShardCount = 64;
    private const int MaxResultsPerShard = 4_096;

    private readonly IdempotencyShard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new IdempotencyShard(time, wheel, ttl, MaxResultsPerShard))];

    public int Count => _shards.Sum(shard => shard.Count);

    public IdempotentResult GetOrAdd(ChannelName channel, string key) =>
        _shards[HashCode.Combine(channel, key) & (ShardCount - 1)].GetOrAdd(channel, key);
}
