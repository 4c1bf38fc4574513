using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>One name on the bus and the state of this node's subscription to it.</summary>
/// <remarks>All but <see cref="Last"/> belongs to the gate of <see cref="BusSubscriptions"/>.</remarks>
/// <param name="name">The name in Redis.</param>
/// <param name="channel">Null for the names of messages between nodes.</param>
internal sealed class BusSubscription(string name, ChannelName? channel)
{
    public string Name { get; } = name;

    public ChannelName? Channel { get; } = channel;

    /// <summary>Whether it is the name for messages to this node alone.</summary>
    public bool IsOfOneNode { get; init; }

    /// <summary>The server that it belongs to.</summary>
    public required BusHome Home { get; set; }

    /// <summary>The number of local subscribers.</summary>
    public int Wanted { get; set; }

    /// <summary>The number of commands sent for it over the current connection, and of those that were answered: answers come in order.</summary>
    public int Sent { get; set; }

    /// <inheritdoc cref="Sent"/>
    public int Answered { get; set; }

    /// <summary>Whether the last command was to subscribe.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether the server sends its messages, after everything that has arrived so far.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether it waits in <see cref="BusHome.Changed"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether it was lost while it was subscribed, and the subscribers have not been notified yet.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Completed with the next confirmation; null: nobody waits.</summary>
    public TaskCompletionSource? Confirmation { get; set; }

    /// <summary>Whether all publications arrive.</summary>
    public bool IsConfirmed => IsAsked && Sent == Answered;

    /// <summary>The position of the last publication that arrived. Belongs to the worker that delivers it.</summary>
    public StreamPosition Last { get; set; } = PublishResult.NoPosition;
}

/// <summary>The subscriptions that belong to one server. Belongs to the gate of <see cref="BusSubscriptions"/>.</summary>
/// <param name="names">The names of channels on that server.</param>
internal sealed class BusHome(BusNames names)
{
    public BusNames Names { get; } = names;

    /// <summary>Null while the server is not connected.</summary>
    public RespConnection? Connection { get; set; }

    /// <summary>Whether channels are subscribed to with <c>SSUBSCRIBE</c> over this connection.</summary>
    public bool IsSharded { get; set; }

    /// <summary>Names whose wish may differ from the commands sent so far.</summary>
    public Queue<BusSubscription> Changed { get; } = [];

    /// <summary>Names that were interrupted and are subscribed again.</summary>
    public Queue<BusSubscription> Resumed { get; } = [];

    /// <summary>Names whose last command the server refused, or whose subscription it has ended: they are tried again after a while.</summary>
    public Queue<BusSubscription> Unsettled { get; } = [];

    /// <summary>Called when there are such names: their slots may have moved. Does not wait.</summary>
    public Action Refused { get; set; } = () => { };

    /// <summary>Called after an entry was added to one of the queues, without the gate. Does not wait.</summary>
    public Action Wake { get; set; } = () => { };
}
