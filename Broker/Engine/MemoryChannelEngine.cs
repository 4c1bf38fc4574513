using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Engine;

/// <summary>The embedded engine: everything in the process, nothing survives a restart.</summary>
/// <remarks>
/// Thread-safe; every task is complete when it is returned. Publishing takes the channel's gate and none that another channel could hold; without
/// history and key it takes none and allocates nothing.
/// <para>BOUNDS. Histories and positions together hold at most <c>maxBytes</c> (more only while others make room); what was longest
/// unused of a sample goes first, as a whole, and its subscribers recover into a new epoch. Idempotency results: <see cref="IdempotencyTable.MaxResults"/>.
/// Presence: one entry per subscription.</para>
/// </remarks>
internal sealed class MemoryChannelEngine : IChannelEngine, IDisposable
{
    /// <summary>1 GiB.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    private readonly IChannelReceiver _receiver;
    private readonly TimerWheel _wheel;
    private readonly EngineMemory _memory;
    private readonly StreamHome _home;
    private readonly StreamEviction _eviction;
    private readonly IdempotencyTable _results;
    private readonly ChannelTable<ChannelPresence> _presence = new();
    private readonly Func<ChannelName, ChannelStream> _makeStream;
    private readonly Func<ChannelName, ChannelPresence> _makePresence;

    public MemoryChannelEngine(IChannelReceiver receiver, TimeProvider time, long maxBytes = DefaultMaxBytes)
    {
        _receiver = receiver;
        _wheel = new TimerWheel(time);
        _memory = new EngineMemory(maxBytes);
        _home = new StreamHome(receiver, time, _wheel, _memory);
        _eviction = new StreamEviction(_home);
        _results = new IdempotencyTable(time, _wheel, IChannelEngine.IdempotencyTtl);
        _makeStream = channel => new ChannelStream(channel, _home);
        _makePresence = channel => new ChannelPresence(channel, _presence, time, _wheel);
    }

    /// <summary>Bytes that histories and positions hold, roughly.</summary>
    public long UsedBytes => _memory.Used;

    /// <summary>Channels with a position.</summary>
    public int StreamCount => _home.Streams.Count;

    /// <summary>Channels with somebody present.</summary>
    public int PresenceCount => _presence.Count;

    public int IdempotencyCount => _results.Count;

    public void Dispose() => _wheel.Dispose();

    public ValueTask<PublishResult> PublishAsync(ChannelName channel, in EnginePublication publication) =>
        new(publication.IdempotencyKey is null ? Publish(channel, publication) : PublishOnce(channel, publication));

    public ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl)
    {
        HistoryPage page;
        while (!_home.Streams.GetOrAdd(channel, _makeStream).TryRead(filter, metaTtl, out page))
        {
        }

        _eviction.MakeRoom();
        return new(page);
    }

    public ValueTask RemoveHistoryAsync(ChannelName channel)
    {
        if (_home.Streams.TryGet(channel, out var stream))
        {
            stream.RemoveHistory();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PublishJoinAsync(ChannelName channel, ClientInfo client)
    {
        _receiver.DeliverJoin(channel, client);
        return ValueTask.CompletedTask;
    }

    public ValueTask PublishLeaveAsync(ChannelName channel, ClientInfo client)
    {
        _receiver.DeliverLeave(channel, client);
        return ValueTask.CompletedTask;
    }

    public ValueTask AddPresenceAsync(ChannelName channel, ClientInfo client, TimeSpan ttl)
    {
        while (!_presence.GetOrAdd(channel, _makePresence).TryAdd(client, ttl))
        {
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemovePresenceAsync(ChannelName channel, Guid client)
    {
        if (_presence.TryGet(channel, out var presence))
        {
            presence.Remove(client);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<ClientInfo>> GetPresenceAsync(ChannelName channel) =>
        new(_presence.TryGet(channel, out var presence) ? presence.GetClients() : []);

    public ValueTask<PresenceStats> GetPresenceStatsAsync(ChannelName channel) =>
        new(_presence.TryGet(channel, out var presence) ? presence.GetStats() : default);

    private PublishResult Publish(ChannelName channel, in EnginePublication publication)
    {
        if (!publication.History.IsOn)
        {
            Deliver(channel, publication);
            return new(PublishResult.NoPosition);
        }

        PublishResult result;
        while (!_home.Streams.GetOrAdd(channel, _makeStream).TryPublish(publication, out result))
        {
        }

        _eviction.MakeRoom();
        return result;
    }

    private PublishResult PublishOnce(ChannelName channel, in EnginePublication publication)
    {
        var first = _results.GetOrAdd(channel, publication.IdempotencyKey!);
        lock (first.Gate)
        {
            if (first.Value is { } result)
            {
                return result with { Suppression = Suppression.Repeated };
            }

            result = Publish(channel, publication);
            first.Value = result;
            return result;
        }
    }

    private void Deliver(ChannelName channel, in EnginePublication publication) =>
        _receiver.Deliver(channel, new() { Position = PublishResult.NoPosition, Publication = publication.Publication });
}
