using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Cluster;

/// <summary>A message from one node to others.</summary>
internal abstract record NodeMessage;

/// <summary>An order to change connections.</summary>
internal sealed record NodeOrder(ConnectionFilter Whom, ConnectionOrder Order) : NodeMessage;

/// <summary>The sender is alive and reports its activity.</summary>
/// <param name="Report">Its <see cref="NodeReport.Id"/> is the sender's.</param>
/// <param name="IsFirst">It has just started and asks for the reports of the other nodes.</param>
internal sealed record NodeBeat(NodeReport Report, bool IsFirst) : NodeMessage;

/// <summary>The sender stops.</summary>
internal sealed record NodeFarewell : NodeMessage;

/// <summary>A message of a client whose session is on the receiving node.</summary>
/// <param name="Data">The client's message, not checked.</param>
internal sealed record RelayedMessage(string Session, ReadOnlyMemory<byte> Data) : NodeMessage;

/// <summary>Which channels have subscribers?</summary>
/// <param name="Id">Returned in the answers.</param>
/// <param name="Pattern">See <see cref="INodeSurvey.GetChannelsAsync"/>.</param>
internal sealed record ChannelsQuestion(Guid Id, string Pattern) : NodeMessage;

/// <summary>A part of the answer to a <see cref="ChannelsQuestion"/>.</summary>
/// <param name="Part">Counted from 0.</param>
/// <param name="IsLast">No more parts follow.</param>
/// <param name="Channels">Names, and for each the number of the sender's connections that have subscribed.</param>
internal sealed record ChannelsAnswer(Guid Id, int Part, bool IsLast, IReadOnlyList<KeyValuePair<string, int>> Channels) : NodeMessage;

/// <summary>Which channels have the most traffic?</summary>
/// <param name="Id">Returned in the answers.</param>
/// <param name="Channels">See <see cref="ITopSurvey.AskAsync"/>.</param>
internal sealed record TopQuestion(Guid Id, TrafficKind Kind, IReadOnlyList<string> Channels) : NodeMessage;

/// <summary>The answer to a <see cref="TopQuestion"/>.</summary>
internal sealed record TopAnswer(Guid Id, TrafficSummary Summary, IReadOnlyList<WatchedTraffic> Watched) : NodeMessage;

/// <summary>What does the receiver say about a topic?</summary>
/// <param name="Id">Returned in the answer.</param>
/// <param name="Argument">See <see cref="INodeTopicSource.Answer"/>.</param>
internal sealed record TopicQuestion(Guid Id, NodeTopic Topic, string Argument) : NodeMessage;

/// <summary>The answer to a <see cref="TopicQuestion"/>.</summary>
/// <param name="Json">Valid JSON; empty: the sender has no such topic.</param>
internal sealed record TopicAnswer(Guid Id, ReadOnlyMemory<byte> Json) : NodeMessage;

/// <summary>The sender wants to hear what happens to a user or on a channel.</summary>
/// <param name="Id">Returned with each event.</param>
/// <param name="Subject">Whom or what it follows.</param>
/// <param name="Seconds">How long, from now on; asked again it goes on, and 0 ends it.</param>
internal sealed record TraceOrder(Guid Id, TraceSubject Subject, byte Seconds) : NodeMessage;

/// <summary>What the receiver wanted to hear.</summary>
/// <param name="Events">A JSON array.</param>
internal sealed record TraceReport(Guid Id, ReadOnlyMemory<byte> Events) : NodeMessage;

/// <summary>Receives the messages of other nodes.</summary>
/// <remarks>
/// Called in the order in which a node sent them: orders by themselves, and all other messages by themselves. An order that was missed comes later.
/// Members do not wait and do not throw.
/// </remarks>
internal interface INodeOrders
{
    /// <param name="message">Well-formed.</param>
    void OnMessage(Guid sender, NodeMessage message);

    /// <summary>Orders may have been missed. All permissions to listen have to be checked again; orders that were missed follow by themselves.</summary>
    void OnInterruption();
}
