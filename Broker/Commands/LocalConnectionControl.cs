using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>Carries out orders on the connections of this node.</summary>
internal sealed class LocalConnectionControl(OpenConnections open, ServerSubscriptions subscriptions, ChannelNames channels, TimeProvider time) : IConnectionControl
{
    /// <inheritdoc/>
    public async ValueTask SubscribeAsync(ConnectionFilter whom, SubscribeOrder order)
    {
        foreach (var connection in Find(whom))
        {
            await subscriptions.SubscribeAsync(connection, order.Grant, order.Grant.ExpiresAt, order.RecoverSince);
        }
    }

    /// <inheritdoc/>
    public ValueTask UnsubscribeAsync(ConnectionFilter whom, UnsubscribeOrder order)
    {
        if (channels.TryGet(order.Channel, out var channel))
        {
            foreach (var connection in Find(whom))
            {
                ServerSubscriptions.Unsubscribe(connection, channel, order.Code);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisconnectAsync(ConnectionFilter whom, DisconnectOrder order)
    {
        foreach (var connection in Find(whom).Where(connection => !order.Spared.Contains(connection.Id.ToString(), StringComparer.OrdinalIgnoreCase)))
        {
            connection.Disconnect(order.Code);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RefreshAsync(ConnectionFilter whom, RefreshOrder order)
    {
        foreach (var connection in Find(whom))
        {
            Refresh(connection, order);
        }

        return ValueTask.CompletedTask;
    }

    private IEnumerable<ClientConnection> Find(ConnectionFilter whom) => open.OfUser(whom.User).Where(connection =>
        (whom.Client.Length == 0 || connection.Id.ToString() == whom.Client) && (whom.Session.Length == 0 || connection.Session == whom.Session)
        && (whom.ConnectedUntil is not { } moment || connection.ConnectedAt <= moment));

    private void Refresh(ClientConnection connection, RefreshOrder order)
    {
        if (order.ExpiresAt <= time.GetUtcNow())
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
            return;
        }

        connection.Renew(order.ExpiresAt, order.Info, meta: default);
        var push = FrameWriter.Begin();
        connection.Codec.WriteRefreshPush(push, Identity.Tokens.TokenLife.SecondsLeft(order.ExpiresAt, time));
        connection.Send(push);
    }
}
