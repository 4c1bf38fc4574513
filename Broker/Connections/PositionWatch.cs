using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Maps;

namespace ClawEvents.Broker.Connections;

/// <summary>
/// Checks that the last publications have reached the subscriptions that track a position: a message between two nodes may have been lost, or a
/// history evicted.
/// </summary>
/// <remarks>Thread-safe. A check also keeps the channel's position alive while it has subscribers.</remarks>
internal sealed class PositionWatch(IChannelEngine engine, IMapEngine maps, ChannelResolver channels, ILogger<PositionWatch> logger)
{
    /// <summary>Asks the engine, and does not wait for the answer. The next check finds what was lost while the engine was unavailable.</summary>
    public void Check(ClientConnection connection, Subscription subscription) =>
        _ = Unattended.RunAsync(() => CheckAsync(connection, subscription), logger, "check the position of a subscription");

    private async ValueTask CheckAsync(ClientConnection connection, Subscription subscription)
    {
        var options = channels.Resolve(subscription.Channel).OptionsOrNone;
        var top = options.IsMap
            ? (await maps.ReadStreamAsync(subscription.Channel, options.Map, HistoryFilter.Position)).Top
            : (await engine.ReadHistoryAsync(subscription.Channel, HistoryFilter.Position, options.HistoryMetaTtl)).Top;
        connection.Subscriptions.EndIfBehind(subscription, top);
    }
}
