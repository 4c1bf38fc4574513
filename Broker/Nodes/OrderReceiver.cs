using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Revocations;

namespace ClawEvents.Broker.Nodes;

/// <summary>Gives what other nodes say to those whom it concerns here.</summary>
/// <param name="parts">Looked at when the first message comes: they need the bus, which needs this.</param>
/// <param name="work">Does what takes time.</param>
internal sealed class OrderReceiver(Lazy<NodeParts> parts, NodeWork work) : INodeOrders
{
    /// <inheritdoc/>
    public void Take(Guid sender, NodeMessage message)
    {
        switch (message)
        {
            case NodeOrder order:
                work.Add(order.Whom.User, () => parts.Value.Connections.CarryOutAsync(order.Whom, order.Order));
                break;
            case NodeBeat beat:
                parts.Value.Registry.Take(sender, beat);
                break;
            case NodeFarewell:
                parts.Value.Registry.Remove(sender);
                break;
            case RelayedMessage relayed:
                parts.Value.Relay.Take(relayed);
                break;
            case ChannelsQuestion question:
                work.AddQuestion(() => parts.Value.Survey.AnswerAsync(sender, question));
                break;
            case ChannelsAnswer answer:
                parts.Value.Survey.Take(sender, answer);
                break;
        }
    }

    /// <inheritdoc/>
    public void TakeInterruption() => work.AddQuestion(() =>
    {
        // It goes on until the store has answered, which must not keep this queue, or the broker's end, waiting.
        _ = parts.Value.Changes.CheckAllAsync();
        return ValueTask.CompletedTask;
    });
}

/// <summary>Whom other nodes speak to.</summary>
/// <param name="Connections">Those of this node.</param>
internal sealed record NodeParts(
    IConnectionControl Connections, NodeRegistry Registry, NodeSurvey Survey, NodeRelay Relay, RemoteChanges Changes);
