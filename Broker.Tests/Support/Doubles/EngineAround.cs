using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>An engine that passes everything on to another, except what a test overrides.</summary>
internal abstract class EngineAround(IChannelEngine inner) : IChannelEngine
{
    public ValueTask<PublishResult> PublishAsync(ChannelName channel, in EnginePublication publication) => inner.PublishAsync(channel, publication);

    public virtual ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl) => inner.ReadHistoryAsync(channel, filter, metaTtl);

    public ValueTask RemoveHistoryAsync(ChannelName channel) => inner.RemoveHistoryAsync(channel);

    public ValueTask PublishJoinAsync(ChannelName channel, ClientInfo client) => inner.PublishJoinAsync(channel, client);

    public ValueTask PublishLeaveAsync(ChannelName channel, ClientInfo client) => inner.PublishLeaveAsync(channel, client);

    public virtual ValueTask AddPresenceAsync(ChannelName channel, ClientInfo client, TimeSpan ttl) => inner.AddPresenceAsync(channel, client, ttl);

    public ValueTask RemovePresenceAsync(ChannelName channel, Guid client) => inner.RemovePresenceAsync(channel, client);

    public ValueTask<IReadOnlyList<ClientInfo>> GetPresenceAsync(ChannelName channel) => inner.GetPresenceAsync(channel);

    public ValueTask<PresenceStats> GetPresenceStatsAsync(ChannelName channel) => inner.GetPresenceStatsAsync(channel);
}
