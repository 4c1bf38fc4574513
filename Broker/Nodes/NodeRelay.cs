using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transports;

namespace ClawEvents.Broker.Nodes;

/// <summary>Brings what a client said to the node that has its session, and takes it there. docs/reference/transports.md#emulation</summary>
/// <remarks>Thread-safe. What comes to one node for one session is taken in the order in which it came.</remarks>
/// <param name="bus">To the other nodes.</param>
/// <param name="sessions">Of this node.</param>
/// <param name="options">How long a message may be.</param>
/// <param name="metrics">Counts what is dropped.</param>
/// <param name="logger">Is told of it once.</param>
internal sealed partial class NodeRelay(
    INodeBus bus, EmulatedSessions sessions, BrokerOptions options, BrokerMetrics metrics, ILogger<NodeRelay> logger) : IEmulationRelay
{
    private bool _isLogged;

    /// <inheritdoc/>
    /// <exception cref="Faults.StoreUnavailableException">Perhaps it did not arrive.</exception>
    public ValueTask<bool> TryRelayAsync(EmulationRequest request) =>
        Guid.TryParseExact(request.Node, "D", out var node) && request.Node == node.ToString()
            ? bus.TrySendAsync(node, new RelayedMessage(request.Session, request.Data))
            : new(false);

    /// <summary>From another node. Does not wait.</summary>
    public void Take(RelayedMessage relayed)
    {
        if (relayed.Data.Length > options.MaxMessageBytes)
        {
            Drop(relayed.Data.Length);
            return;
        }

        // The session owns the task: it does not throw, and whoever ends the session waits for it.
        _ = sessions.HandleAsync(relayed.Session, relayed.Data);
    }

    private void Drop(int length)
    {
        metrics.BusMessageDropped(nameof(EnvelopeFault.Malformed));
        if (!Interlocked.Exchange(ref _isLogged, true))
        {
            Log.TooLong(logger, length, options.MaxMessageBytes);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Another node relayed a message of {Length} bytes, and {Limit} is the limit of this one: dropped. Others are only counted.")]
        public static partial void TooLong(ILogger logger, int length, int limit);
    }
}
