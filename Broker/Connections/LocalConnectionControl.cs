using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

internal sealed class LocalConnectionControl(OpenConnections open) : IConnectionControl
{
    public ValueTask SubscribeAsync(ConnectionFilter whom, SubscribeOrder order) => ValueTask.CompletedTask;

    public ValueTask UnsubscribeAsync(ConnectionFilter whom, UnsubscribeOrder order) => ValueTask.CompletedTask;

    public ValueTask DisconnectAsync(ConnectionFilter whom, DisconnectOrder order)
    {
        foreach (var connection in open.All().Where(connection => connection.Principal.Name == whom.User))
        {
            connection.Disconnect(order.Code);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RefreshAsync(ConnectionFilter whom, RefreshOrder order) => ValueTask.CompletedTask;
}
