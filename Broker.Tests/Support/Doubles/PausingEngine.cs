using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>An engine whose answers about history take a while, like those of an engine behind a network; everything else is immediate.</summary>
internal sealed class PausingEngine(IChannelEngine inner) : IChannelEngine
{
    private TaskCompletionSource? _pause;

    /// <summary>The fault of every operation; null: none.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Added to the offset of a position: publications that got lost on their way here.</summary>
    public ulong Lost { get; set; }

    /// <summary>From now on the history is read immediately, and the answer waits.</summary>
    public void Pause() => _pause = new();

    /// <summary>Lets the answers go.</summary>
    public void Resume()
    {
        var pause = _pause;
        _pause = null;
        pause!.SetResult();
    }

    public ValueTask<PublishResult> PublishAsync(ChannelName channel, in EnginePublication publication) =>
        Fault is null ? inner.PublishAsync(channel, publication) : ValueTask.FromException<PublishResult>(Fault);

    public async ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl)
    {
        ThrowFault();
        var page = await inner.ReadHistoryAsync(channel, filter, metaTtl);
        if (_pause is { } pause)
        {
            await pause.Task;
        }

        return page with { Top = page.Top with { Offset = page.Top.Offset + Lost } };
    }

    public ValueTask RemoveHistoryAsync(ChannelName channel) => inner.RemoveHistoryAsync(channel);

    public ValueTask PublishJoinAsync(ChannelName channel, ClientInfo client)
    {
        ThrowFault();
        return inner.PublishJoinAsync(channel, client);
    }

    public ValueTask PublishLeaveAsync(ChannelName channel, ClientInfo client)
    {
        ThrowFault();
        return inner.PublishLeaveAsync(channel, client);
    }

    public ValueTask AddPresenceAsync(ChannelName channel, ClientInfo client, TimeSpan ttl)
    {
        ThrowFault();
        return inner.AddPresenceAsync(channel, client, ttl);
    }

    public ValueTask RemovePresenceAsync(ChannelName channel, Guid client)
    {
        ThrowFault();
        return inner.RemovePresenceAsync(channel, client);
    }

    public ValueTask<IReadOnlyList<ClientInfo>> GetPresenceAsync(ChannelName channel) => inner.GetPresenceAsync(channel);

    public ValueTask<PresenceStats> GetPresenceStatsAsync(ChannelName channel) => inner.GetPresenceStatsAsync(channel);

    private void ThrowFault()
    {
        if (Fault is not null)
        {
            throw Fault;
        }
    }
}
