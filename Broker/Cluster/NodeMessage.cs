using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Cluster;

/// <summary>What one node tells others.</summary>
internal abstract record NodeMessage;

/// <summary>Something is to be done to connections.</summary>
internal sealed record NodeOrder(ConnectionFilter Whom, ConnectionOrder Order) : NodeMessage;

/// <summary>The sender is alive, and this is what it does.</summary>
/// <param name="Report">Its <see cref="NodeReport.Id"/> is the sender's.</param>
/// <param name="IsFirst">It has just started and wants to know who else there is.</param>
internal sealed record NodeBeat(NodeReport Report, bool IsFirst) : NodeMessage;

/// <summary>The sender stops.</summary>
internal sealed record NodeFarewell : NodeMessage;

/// <summary>What a client said whose session is with the receiver.</summary>
/// <param name="Session">Of any content.</param>
/// <param name="Data">A message of the client, of any content.</param>
internal sealed record RelayedMessage(string Session, ReadOnlyMemory<byte> Data) : NodeMessage;

/// <summary>Which channels have subscribers?</summary>
/// <param name="Id">Of the question; the answers bring it back.</param>
/// <param name="Pattern">As in <see cref="INodeSurvey.GetChannelsAsync"/>.</param>
internal sealed record ChannelsQuestion(Guid Id, string Pattern) : NodeMessage;

/// <summary>A part of the answer to a <see cref="ChannelsQuestion"/>.</summary>
/// <param name="Id">Of the question.</param>
/// <param name="Part">Counted from 0.</param>
/// <param name="IsLast">No more parts follow.</param>
/// <param name="Channels">Names, and how many connections of the sender have subscribed to each.</param>
internal sealed record ChannelsAnswer(Guid Id, int Part, bool IsLast, IReadOnlyList<KeyValuePair<string, int>> Channels) : NodeMessage;

/// <summary>Takes what other nodes say.</summary>
/// <remarks>Called in the order in which a node said it. Members do not wait and do not throw.</remarks>
internal interface INodeOrders
{
    /// <param name="sender">Which node says it.</param>
    /// <param name="message">Well-formed.</param>
    void Take(Guid sender, NodeMessage message);

    /// <summary>Orders may have been missed. Who may listen has to be asked again everywhere; what else was ordered is lost.</summary>
    void TakeInterruption();
}
