using System.Diagnostics;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Revocations;

namespace ClawEvents.Broker.Nodes;

/// <summary>Routes messages from other nodes to the component that handles them.</summary>
/// <param name="parts">Resolved with the first message: they depend on the bus, which depends on this.</param>
internal sealed class OrderReceiver(Lazy<NodeParts> parts, NodeWork work) : INodeOrders
{
    // How long a node's connections take at most to come back one after another.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public void OnMessage(Guid sender, NodeMessage message)
    {
        switch (message)
        {
            case NodeOrder order:
                work.Add(order.Whom.User, () => CarryOutAsync(order));
                break;
            case NodeBeat beat:
                parts.Value.Registry.OnBeat(sender, beat);
                break;
            case NodeFarewell:
                parts.Value.Registry.Remove(sender);
                break;
            case RelayedMessage relayed:
                parts.Value.Relay.OnRelayed(relayed);
                break;
            case ChannelsQuestion question:
                work.AddQuestion(() => parts.Value.Survey.AnswerAsync(sender, question));
                break;
            case ChannelsAnswer answer:
                parts.Value.Survey.OnAnswer(sender, answer);
                break;
            case TopQuestion question:
                work.AddQuestion(() => parts.Value.Top.AnswerAsync(sender, question));
                break;
            case TopAnswer answer:
                parts.Value.Top.OnAnswer(sender, answer);
                break;
            case TopicQuestion question:
                work.AddQuestion(() => parts.Value.Topics.AnswerAsync(sender, question));
                break;
            case TopicAnswer answer:
                parts.Value.Topics.OnAnswer(sender, answer);
                break;
            case TraceOrder order:
                parts.Value.Traces.OnOrder(sender, order);
                break;
            case TraceReport report:
                parts.Value.Traces.OnReport(sender, report);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnInterruption() => work.AddQuestion(() =>
    {
        // It runs until the store has answered, and must not block this queue or the broker's stop.
        _ = parts.Value.Changes.CheckAllAsync();
        return ValueTask.CompletedTask;
    });

    // An order that was missed is carried out as soon as the bus is back, perhaps before the store is.
    private async ValueTask CarryOutAsync(NodeOrder order)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await parts.Value.Connections.CarryOutAsync(order.Whom, order.Order);
                return;
            }
            catch (StoreUnavailableException) when (order.Whom.ConnectedUntil is not null && Stopwatch.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(RetryDelay, work.Stopping);
            }
        }
    }
}

/// <summary>The components that handle messages from other nodes.</summary>
internal sealed record NodeParts(
    IConnectionControl Connections, NodeRegistry Registry, NodeSurvey Survey, TopSurvey Top, TopicSurvey Topics, TraceSurvey Traces, NodeRelay Relay, RemoteChanges Changes);
