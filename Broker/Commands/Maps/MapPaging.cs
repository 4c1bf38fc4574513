using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>How far a client has read a map that it subscribes to. A client that is not live in time is disconnected with 3008.</summary>
/// <remarks>Used by the receive loop of the connection; the wheel's thread only ends it.</remarks>
internal sealed class MapPaging(ClientConnection connection, MapSubscription subscription, SubscriptionPlan plan) : TimerNode
{
    public ClientConnection Connection => connection;

    public MapSubscription Subscription => subscription;

    public SubscriptionPlan Plan => plan;

    public ChannelName Channel => plan.Channel.Name;

    public MapOptions Options { get; } = plan.Channel.OptionsOrNone.Map;

    /// <summary>The map's position at the first page: its later changes come after the pages. Null: no page was read.</summary>
    public StreamPosition? Start { get; set; }

    /// <summary>The map's offset at the first page of the stream. A client that has got there goes live: otherwise a busy map would keep it paging.</summary>
    public ulong? Goal { get; set; }

    /// <summary>Begins the client's time.</summary>
    public void Begin()
    {
        subscription.Paging = this;
        connection.Services.Wheel.Schedule(this, Options.CatchUpTimeout);
    }

    /// <summary>The client is live, or has failed.</summary>
    public void End()
    {
        subscription.Paging = null;
        connection.Services.Wheel.Cancel(this);
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        if (subscription.Paging == this && connection.Subscriptions.Find(Channel) == subscription)
        {
            connection.Disconnect(DisconnectCode.Slow);
        }
    }
}
