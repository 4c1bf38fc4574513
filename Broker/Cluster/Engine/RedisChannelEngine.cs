using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster.Engine;

/// <summary>The engine that several nodes share: history, positions and presence are in Redis, which gives each channel its one order.</summary>
/// <remarks>
/// Thread-safe. Each operation is one command, or one script that does all of it atomically. Publications reach subscribers, on this node, too, when
/// Redis sends them over the bus. While Redis is unavailable, every member throws <see cref="Faults.StoreUnavailableException"/>, little
/// later than an answer may take; the operation may or may not have been carried out, and with an idempotency key it can be retried.
/// </remarks>
internal sealed class RedisChannelEngine(IRedisShards shards) : IChannelEngine
{
    public ValueTask<PublishResult> PublishAsync(ChannelName channel, in EnginePublication publication)
    {
        var commands = shards.Of(channel).Commands;
        return publication switch
        {
            { History.IsOn: true } => AskForResultAsync(channel, commands.PublishKept(channel, publication)),
            { IdempotencyKey: not null } => AskForResultAsync(channel, commands.Publish(channel, publication)),
            _ => PublishAsync(channel, commands.Publish(channel, publication)),
        };
    }

    public async ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl)
    {
        var page = EngineAnswers.ReadPage(await shards.AskAsync(channel, EngineCommands.Read(channel, filter, metaTtl)));
        return filter is { Reverse: true, Since: { } since } && HistoryRules.IsAhead(since, page.Top) ? page with { Publications = [] } : page;
    }

    public ValueTask RemoveHistoryAsync(ChannelName channel) => DoAsync(channel, EngineCommands.RemoveHistory(channel));

    public ValueTask PublishJoinAsync(ChannelName channel, ClientInfo client) => PublishClientAsync(channel, EnvelopeKind.Join, client);

    public ValueTask PublishLeaveAsync(ChannelName channel, ClientInfo client) => PublishClientAsync(channel, EnvelopeKind.Leave, client);

    public ValueTask AddPresenceAsync(ChannelName channel, ClientInfo client, TimeSpan ttl) =>
        DoAsync(channel, EngineCommands.AddPresence(channel, client, ttl));

    public ValueTask RemovePresenceAsync(ChannelName channel, Guid client) => DoAsync(channel, EngineCommands.RemovePresence(channel, client));

    public async ValueTask<IReadOnlyList<ClientInfo>> GetPresenceAsync(ChannelName channel) =>
        EngineAnswers.ReadClients(await shards.AskAsync(channel, EngineCommands.AskPresence(EngineScripts.GetPresence, channel)));

    public async ValueTask<PresenceStats> GetPresenceStatsAsync(ChannelName channel) =>
        EngineAnswers.ReadStats(await shards.AskAsync(channel, EngineCommands.AskPresence(EngineScripts.CountPresence, channel)));

    private ValueTask PublishClientAsync(ChannelName channel, EnvelopeKind kind, ClientInfo client) =>
        PublishOnlyAsync(channel, shards.Of(channel).Commands.PublishClient(channel, kind, client));

    private async ValueTask<PublishResult> AskForResultAsync(ChannelName channel, RedisCall command) =>
        EngineAnswers.ReadResult(await shards.PublishAsync(channel, command));

    private async ValueTask<PublishResult> PublishAsync(ChannelName channel, RedisCall command)
    {
        await PublishOnlyAsync(channel, command);
        return new(PublishResult.NoPosition);
    }

    private async ValueTask PublishOnlyAsync(ChannelName channel, RedisCall command) => await shards.PublishAsync(channel, command);

    private async ValueTask DoAsync(ChannelName channel, RedisCall command) => await shards.AskAsync(channel, command);
}
