using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>The connections that an order is for.</summary>
/// <param name="User">Empty: anonymous clients.</param>
/// <param name="Client">The id of one connection of the user; empty: all of them.</param>
/// <param name="Session">The session of one connection of the user; empty: all of them.</param>
internal sealed record ConnectionFilter(string User, string Client = "", string Session = "")
{
    /// <summary>A timestamp of the broker's clock: connections that have connected later are left alone. Null: none are. Not sent to other nodes.</summary>
    public long? ConnectedUntil { get; init; }
}

/// <summary>An action on connections. A plain value, so that it can be sent to other nodes.</summary>
internal abstract record ConnectionOrder;

/// <summary>Subscribes the connections from the server's side, replacing a subscription that is there.</summary>
/// <param name="Grant">The channel and the properties of the subscription.</param>
/// <param name="RecoverSince">Publications since this position are sent; null: none.</param>
internal sealed record SubscribeOrder(AllowedSubscription Grant, StreamPosition? RecoverSince = null) : ConnectionOrder;

/// <summary>Ends a subscription, whether the client or the server made it.</summary>
internal sealed record UnsubscribeOrder(string Channel, UnsubscribeCode Code) : ConnectionOrder;

/// <summary>Closes the connections.</summary>
/// <param name="Code">The code that clients receive.</param>
/// <param name="Spared">Ids of connections that are left alone.</param>
internal sealed record DisconnectOrder(DisconnectCode Code, IReadOnlyList<string> Spared) : ConnectionOrder;

/// <summary>Changes when the connections expire.</summary>
/// <param name="ExpiresAt"><see cref="DateTimeOffset.MaxValue"/>: never; a time in the past closes them.</param>
/// <param name="Info">Replaces what others see of the clients; empty: that stays.</param>
internal sealed record RefreshOrder(DateTimeOffset ExpiresAt, ReadOnlyMemory<byte> Info) : ConnectionOrder;

/// <summary>Lets back ends act on live connections, on any node.</summary>
/// <remarks>
/// Thread-safe. A call is complete when the order has been carried out on this node and handed to the others, which carry it out soon.
/// An order that matches no connection is not an error. Every member throws <see cref="Faults.StoreUnavailableException"/> when the other nodes
/// could not be reached: what was done here stays done, and repeating the order does no harm.
/// </remarks>
internal interface IConnectionControl
{
    ValueTask SubscribeAsync(ConnectionFilter whom, SubscribeOrder order);

    ValueTask UnsubscribeAsync(ConnectionFilter whom, UnsubscribeOrder order);

    ValueTask DisconnectAsync(ConnectionFilter whom, DisconnectOrder order);

    ValueTask RefreshAsync(ConnectionFilter whom, RefreshOrder order);
}

internal static class ConnectionControlExtensions
{
    public static ValueTask CarryOutAsync(this IConnectionControl control, ConnectionFilter whom, ConnectionOrder order) => order switch
    {
        SubscribeOrder subscribe => control.SubscribeAsync(whom, subscribe),
        UnsubscribeOrder unsubscribe => control.UnsubscribeAsync(whom, unsubscribe),
        DisconnectOrder disconnect => control.DisconnectAsync(whom, disconnect),
        RefreshOrder refresh => control.RefreshAsync(whom, refresh),
        _ => throw new ArgumentException($"unknown order: {order.GetType().Name}", nameof(order)),
    };
}
