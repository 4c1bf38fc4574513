using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>Which connections an order is for.</summary>
/// <param name="User">Those of this user; empty: those of anonymous clients.</param>
/// <param name="Client">Of these only the one with this id; empty: all of them.</param>
/// <param name="Session">Of these only the one with this session; empty: all of them.</param>
internal sealed record ConnectionFilter(string User, string Client = "", string Session = "");

/// <summary>What is to be done to connections. A plain value, so that it can travel.</summary>
internal abstract record ConnectionOrder;

/// <summary>Subscribe the connections from the server's side; who has the subscription gets it anew.</summary>
/// <param name="Grant">The channel and what is said of the subscription.</param>
/// <param name="RecoverSince">Whose publications since then are to be sent; null: none.</param>
internal sealed record SubscribeOrder(SubscriptionGrant Grant, StreamPosition? RecoverSince = null) : ConnectionOrder;

/// <summary>End a subscription, whoever has made it.</summary>
internal sealed record UnsubscribeOrder(string Channel, UnsubscribeCode Code) : ConnectionOrder;

/// <summary>Close the connections.</summary>
/// <param name="Code">What their clients are told.</param>
/// <param name="Spared">Ids of connections that are left alone.</param>
internal sealed record DisconnectOrder(DisconnectCode Code, IReadOnlyList<string> Spared) : ConnectionOrder;

/// <summary>Prolong the connections.</summary>
/// <param name="ExpiresAt">Their new end; <see cref="DateTimeOffset.MaxValue"/>: never; a moment that has passed closes them.</param>
/// <param name="Info">In the place of what is shown with the clients; empty: that stays.</param>
internal sealed record RefreshOrder(DateTimeOffset ExpiresAt, ReadOnlyMemory<byte> Info) : ConnectionOrder;

/// <summary>What back ends do to live connections, on whatever node these are.</summary>
/// <remarks>
/// Thread-safe. A call is complete when the order has been carried out on this node and handed to the others, which carry it out soon.
/// That nobody is meant is no error. Every member throws <see cref="Faults.StoreUnavailableException"/> when the others could not be told: what was
/// done here stays done, and to do it again does no harm.
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
        _ => throw new ArgumentException($"nobody knows how to carry out a {order.GetType().Name}", nameof(order)),
    };
}
