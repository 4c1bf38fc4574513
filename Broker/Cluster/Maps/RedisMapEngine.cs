using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster.Maps;

/// <summary>The engine of maps that several nodes share: state, streams and positions are in Redis, which gives each map its one order.</summary>
/// <remarks>
/// Thread-safe. Each operation is one script; a publication to a map that has had no key to expire is followed by a command that has it looked after, by
/// <see cref="MapExpiry"/>. Changes reach subscribers, on this node, too, when Redis sends them over the bus.
/// While Redis is unavailable, every member throws <see cref="Faults.StoreUnavailableException"/>, little later than an answer may take; the operation may or may not have
/// been carried out, and with an idempotency key it can be retried.
/// </remarks>
internal sealed class RedisMapEngine(IRedisShards shards, MapSettings settings, TimeProvider time) : IMapEngine
{
    public ValueTask<MapResult> PublishAsync(ChannelName channel, MapOptions options, in MapChange change) =>
        AskForResultAsync(channel, shards.PublishAsync(channel, shards.Of(channel).MapCommands.Publish(channel, options, change, settings.IdempotencyTtl, time.GetUtcNow())));

    public ValueTask<MapResult> RemoveAsync(ChannelName channel, MapOptions options, in MapRemoval removal) =>
        AskForResultAsync(channel, shards.PublishAsync(channel, shards.Of(channel).MapCommands.Remove(channel, options, removal, settings.IdempotencyTtl)));

    public async ValueTask<MapStatePage> ReadStateAsync(ChannelName channel, MapOptions options, MapStateFilter filter)
    {
        var limit = filter.Key is null ? MapRules.PageOf(filter.Limit) : 1;
        if (!MapCursor.TryParse(filter.Cursor, options.IsOrdered, out var after))
        {
            limit = 0;
        }

        var answer = await shards.AskAsync(channel, shards.Of(channel).MapCommands.ReadState(channel, options, filter, after, limit));
        return MapAnswers.ReadState(answer, limit, options.IsOrdered);
    }

    public async ValueTask<MapStreamPage> ReadStreamAsync(ChannelName channel, MapOptions options, HistoryFilter filter)
    {
        var limited = filter with { Limit = MapRules.PageOf(filter.Limit) };
        var page = MapAnswers.ReadStream(await shards.AskAsync(channel, shards.Of(channel).MapCommands.ReadStream(channel, options, limited)));
        return filter is { Reverse: true, Since: { } since } && HistoryRules.IsAhead(since, page.Top) ? page with { Changes = [] } : page;
    }

    public async ValueTask<int> CountAsync(ChannelName channel) => (int)Redis.RedisAnswers.Number(await shards.AskAsync(channel, MapCommands.Count(channel)));

    public async ValueTask ClearAsync(ChannelName channel, MapOptions options) =>
        await shards.PublishAsync(channel, shards.Of(channel).MapCommands.Clear(channel, options));

    private async ValueTask<MapResult> AskForResultAsync(ChannelName channel, ValueTask<RedisResult> asking)
    {
        var result = MapAnswers.ReadResult(await asking, out var due);
        if (due > 0)
        {
            await shards.Of(channel).AskAsync(MapCommands.Register(channel, due));
        }

        return result;
    }
}
