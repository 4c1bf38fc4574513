using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>The advertisements in Redis.</summary>
/// <remarks>
/// Thread-safe. A single one is never older than this broker's own last change of it, nor than the last change of another broker that was heard
/// (<see cref="ReadCache{TKey,TValue}"/>); nor are lists (<see cref="RedisAdvertisementList"/>).
/// </remarks>
internal sealed class RedisAdvertisements(RedisConnection redis, IChangeFeed feed, ILogger logger)
{
    private const int Slots = 4_096;

    private readonly ReadCache<ChannelName, Advertisement?> _recent = new(Slots, feed);
    private readonly RedisAdvertisementList _list = new(redis, feed, logger);

    /// <remarks>Hot path: a cached answer completes synchronously, without allocating.</remarks>
    public ValueTask<Advertisement?> GetAsync(ChannelName channel) => _recent.TryGet(channel, out var known) ? new(known) : AskAsync(channel);

    public ValueTask SetAsync(Advertisement advertisement)
    {
        var channel = advertisement.Channel;
        return ChangeAsync(channel, RedisScripts.SetAdvertisement, channel.Value, RedisJson.OfAdvertisement(advertisement));
    }

    public ValueTask RemoveAsync(ChannelName channel) => ChangeAsync(channel, RedisScripts.RemoveAdvertisement, channel.Value);

    public async ValueTask<AdvertisementPage> FindAsync(AdvertisementQuery query) => await (await _list.RefreshAsync()).FindAsync(query);

    /// <summary>Brings channels into the index, or out of it, whose advertisements others wrote, changed or removed; the next list shows it.</summary>
    public async Task IndexAsync(IReadOnlyList<ChannelName> channels)
    {
        foreach (var batch in channels.Chunk(RedisAdvertisementList.ReadSize))
        {
            await redis.RunAsync(
                RedisScripts.IndexAdvertisements,
                [RedisKeys.Advertised, RedisKeys.AdvertisedVersion, RedisKeys.AdvertisedDigests, .. batch.Select(RedisKeys.Advertisement)],
                [.. batch.Select(channel => (RedisValue)channel.Value)]);

            // Also when another broker was faster, and its change of the index has not been heard yet.
            ForgetList();
        }
    }

    /// <summary>Removes channels from the index whose advertisements others removed.</summary>
    public async Task PruneAsync()
    {
        foreach (var batch in (await _list.ReadChannelsAsync()).Chunk(RedisTakeover.BatchSize))
        {
            var there = (int[])(await redis.RunAsync(RedisScripts.AreThere, [.. batch.Select(RedisKeys.Advertisement)]))!;
            await IndexAsync([.. batch.Where((_, i) => there[i] == 0)]);
        }
    }

    public void Forget(ChannelName channel) => _recent.Forget(channel);

    public void ForgetList() => _list.AskForRefresh();

    public void ForgetAll()
    {
        _recent.ForgetAll();
        ForgetList();
    }

    private async ValueTask<Advertisement?> AskAsync(ChannelName channel)
    {
        var reading = _recent.Begin(channel);
        var value = await redis.AskAsync(database => database.StringGetAsync(RedisKeys.Advertisement(channel)));
        var advertisement = value.IsNull ? null : RedisJson.ReadAdvertisement(channel, value);

        // The same instance until it changes: callers cache values derived from it.
        advertisement = _recent.Peek(channel) is { } recent && recent == advertisement ? recent
            : _list.Get(channel) is { } listed && listed == advertisement ? listed
            : advertisement;
        _recent.End(reading, channel, advertisement);
        return advertisement;
    }

    private async ValueTask ChangeAsync(ChannelName channel, RedisScript script, params RedisValue[] values)
    {
        try
        {
            await redis.RunAsync(script, [RedisKeys.Advertisement(channel), RedisKeys.Advertised, RedisKeys.AdvertisedVersion, RedisKeys.AdvertisedDigests], values);
        }
        finally
        {
            Forget(channel);
            ForgetList();
        }
    }
}
