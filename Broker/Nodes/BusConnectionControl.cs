using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Nodes;

/// <summary>Carries out orders on this node and sends them to the other nodes.</summary>
/// <param name="here">Controls the connections of this node.</param>
internal sealed class BusConnectionControl(IConnectionControl here, INodeBus bus) : IConnectionControl
{
    /// <inheritdoc/>
    public ValueTask SubscribeAsync(ConnectionFilter whom, SubscribeOrder order) => CarryOutAsync(whom, order);

    /// <inheritdoc/>
    public ValueTask UnsubscribeAsync(ConnectionFilter whom, UnsubscribeOrder order) => CarryOutAsync(whom, order);

    /// <inheritdoc/>
    public ValueTask DisconnectAsync(ConnectionFilter whom, DisconnectOrder order) => CarryOutAsync(whom, order);

    /// <inheritdoc/>
    public ValueTask RefreshAsync(ConnectionFilter whom, RefreshOrder order) => CarryOutAsync(whom, order);

    private async ValueTask CarryOutAsync(ConnectionFilter whom, ConnectionOrder order)
    {
        await here.CarryOutAsync(whom, order);
        await bus.SendAsync(new NodeOrder(whom, order));
    }
}
