using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>One name on the bus and how far this node's subscription to it has come.</summary>
/// <remarks>All but <see cref="Last"/> belongs to the gate of <see cref="BusSubscriptions"/>.</remarks>
/// <param name="name">What is subscribed to in Redis.</param>
/// <param name="channel">Null for the names of what nodes tell each other.</param>
internal sealed class BusSubscription(string name, ChannelName? channel)
{
    public string Name { get; } = name;

    public ChannelName? Channel { get; } = channel;

    /// <summary>Whether it is the name of what this node alone is told.</summary>
    public bool IsOfOneNode { get; init; }

    /// <summary>Where it is subscribed to.</summary>
    public required BusHome Home { get; set; }

    /// <summary>How many want it here.</summary>
    public int Wanted { get; set; }

    /// <summary>Commands sent for it over the connection there is, and how many of them were answered: answers come in order.</summary>
    public int Sent { get; set; }

    /// <inheritdoc cref="Sent"/>
    public int Answered { get; set; }

    /// <summary>Whether the last command was to subscribe.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether it waits in <see cref="BusHome.Changed"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the connection was lost while it was subscribed, and the subscribers have not been told.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Who waits for the next confirmation; null: nobody.</summary>
    public TaskCompletionSource? Confirmation { get; set; }

    /// <summary>Whether all that is published comes in.</summary>
    public bool IsConfirmed => IsAsked && Sent == Answered;

    /// <summary>The place of the last publication that came in. The worker's that delivers it.</summary>
    public StreamPosition Last { get; set; } = PublishResult.NoPosition;
}

/// <summary>A server as the place of subscriptions. Belongs to the gate of <see cref="BusSubscriptions"/>.</summary>
/// <param name="names">What the channels are called there.</param>
internal sealed class BusHome(BusNames names)
{
    public BusNames Names { get; } = names;

    /// <summary>Null while there is none.</summary>
    public RespConnection? Connection { get; set; }

    /// <summary>Those whose wish may differ from what was sent.</summary>
    public Queue<BusSubscription> Changed { get; } = [];

    /// <summary>Those that were interrupted and are subscribed again.</summary>
    public Queue<BusSubscription> Resumed { get; } = [];

    /// <summary>Called after something came into one of the queues, without the gate. Does not wait.</summary>
    public Action Wake { get; set; } = () => { };
}
