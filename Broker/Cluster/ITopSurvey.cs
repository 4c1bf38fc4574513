using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Cluster;

/// <summary>The exact counts of a channel on one node, since it was first asked for there.</summary>
/// <param name="Bytes">Of payloads, envelopes included.</param>
/// <param name="Subscribers">Now.</param>
/// <param name="Seconds">The time in which the others were counted.</param>
internal sealed record WatchedTraffic(string Channel, long Messages, long Bytes, long Deliveries, int Subscribers, double Seconds);

/// <summary>One node's answer.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Summary">Empty when channels were named.</param>
/// <param name="Watched">For the channels that were named, in their order.</param>
internal sealed record NodeTop(string Node, TrafficSummary Summary, IReadOnlyList<WatchedTraffic> Watched);

/// <summary>Asks all nodes which channels have the most traffic. Thread-safe.</summary>
internal interface ITopSurvey
{
    /// <summary>The most channels that one question names.</summary>
    const int MaxNamed = 20;

    /// <param name="kind">What to rank by.</param>
    /// <param name="channels">Names of channels to count exactly from now on instead; empty: the largest are meant.</param>
    /// <returns>This node's answer first, and those of other nodes that came in time.</returns>
    ValueTask<IReadOnlyList<NodeTop>> AskAsync(TrafficKind kind, IReadOnlyList<string> channels);
}
