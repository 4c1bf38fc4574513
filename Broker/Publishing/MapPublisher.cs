using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Publishing;

/// <summary>Changes of maps on their way to the engine, the same for every door.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class MapPublisher(IMapEngine engine, IChannelReceiver receiver, ActivityRecorder activity, ChannelTraffic traffic, LiveTrace trace)
{
    /// <summary>Makes a change that somebody has allowed.</summary>
    /// <param name="channel">A map.</param>
    /// <param name="change">Its key and data are those of a map.</param>
    /// <param name="sender">The client that it comes from, for which it counts as a message; null: none.</param>
    /// <exception cref="Faults.StoreUnavailableException">The engine's server is away.</exception>
    public async ValueTask<MapResult> PublishAsync(ResolvedChannel channel, MapChange change, Principal? sender = null)
    {
        using var publish = PublishTrace.Publish(channel.Name);
        await receiver.WhenRoom();
        Count(channel.Name, change.Publication.Data, sender);
        return await engine.PublishAsync(channel.Name, channel.OptionsOrNone.Map, change);
    }

    /// <inheritdoc cref="PublishAsync"/>
    /// <param name="removal">Its key is one of a map.</param>
    public async ValueTask<MapResult> RemoveAsync(ResolvedChannel channel, MapRemoval removal, Principal? sender = null)
    {
        using var publish = PublishTrace.Publish(channel.Name);
        await receiver.WhenRoom();
        Count(channel.Name, default, sender);
        return await engine.RemoveAsync(channel.Name, channel.OptionsOrNone.Map, removal);
    }

    private void Count(ChannelName channel, ReadOnlyMemory<byte> data, Principal? sender)
    {
        if (sender is not null)
        {
            activity.Count(sender);
        }

        traffic.Published(channel, data.Length);
        if (trace.IsOn)
        {
            trace.Tell(new("published", sender?.Name) { Channel = channel.Value, Data = data });
        }
    }
}
