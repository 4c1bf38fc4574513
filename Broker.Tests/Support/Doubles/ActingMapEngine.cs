using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>An engine of maps that does something between a read and the answer, or fails.</summary>
internal sealed class ActingMapEngine(IMapEngine inner) : IMapEngine
{
    /// <summary>Done after each read of the state or the stream, before the answer is known.</summary>
    public Action? AfterRead { get; set; }

    /// <summary>Added to the offset of a position: changes that got lost on their way here.</summary>
    public ulong Lost { get; set; }

    /// <summary>The fault of every read; null: none.</summary>
    public Exception? Fault { get; set; }

    public ValueTask<MapResult> PublishAsync(ChannelName channel, MapOptions options, in MapChange change) => inner.PublishAsync(channel, options, change);

    public ValueTask<MapResult> RemoveAsync(ChannelName channel, MapOptions options, in MapRemoval removal) => inner.RemoveAsync(channel, options, removal);

    public async ValueTask<MapStatePage> ReadStateAsync(ChannelName channel, MapOptions options, MapStateFilter filter)
    {
        ThrowFault();
        var page = await inner.ReadStateAsync(channel, options, filter);
        AfterRead?.Invoke();
        return page;
    }

    public async ValueTask<MapStreamPage> ReadStreamAsync(ChannelName channel, MapOptions options, HistoryFilter filter)
    {
        ThrowFault();
        var page = await inner.ReadStreamAsync(channel, options, filter);
        AfterRead?.Invoke();
        return page with { Top = page.Top with { Offset = page.Top.Offset + Lost } };
    }

    public ValueTask<int> CountAsync(ChannelName channel) => inner.CountAsync(channel);

    public ValueTask ClearAsync(ChannelName channel, MapOptions options) => inner.ClearAsync(channel, options);

    private void ThrowFault()
    {
        if (Fault is not null)
        {
            throw Fault;
        }
    }
}
