using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>Something per channel, in shards: channels that are created at the same time, or a table that grows, do not block each other.</summary>
/// <remarks>Thread-safe; looking up takes no gate.</remarks>
internal sealed class ChannelTable<T>
    where T : class
{
    // As many as the hub's; a power of two.
    private const int ShardCount = 64;

    private readonly ConcurrentDictionary<ChannelName, T>[] _shards =
        [.. Enumerable.Range(0, ShardCount).Select(_ => new ConcurrentDictionary<ChannelName, T>(concurrencyLevel: 1, capacity: 31))];

    public int Count => _shards.Sum(shard => shard.Count);

    public bool TryGet(ChannelName channel, [NotNullWhen(true)] out T? value) => ShardOf(channel).TryGetValue(channel, out value);

    /// <param name="channel">The key.</param>
    /// <param name="make">May be called in vain when another thread is quicker.</param>
    public T GetOrAdd(ChannelName channel, Func<ChannelName, T> make) => ShardOf(channel).GetOrAdd(channel, make);

    /// <summary>Takes the value out if it still is the channel's.</summary>
    public void Remove(ChannelName channel, T value) => ShardOf(channel).TryRemove(new(channel, value));

    /// <summary>All values, round and round without end; null after each round. Values that are added or removed meanwhile may be seen or not.</summary>
    public IEnumerator<T?> Walk()
    {
        while (true)
        {
            foreach (var shard in _shards)
            {
                foreach (var (_, value) in shard)
                {
                    yield return value;
                }
            }

            yield return null;
        }
    }

    private ConcurrentDictionary<ChannelName, T> ShardOf(ChannelName channel) => _shards[channel.GetHashCode() & (ShardCount - 1)];
}
