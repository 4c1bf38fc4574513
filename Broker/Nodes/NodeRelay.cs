using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Transports;

namespace ClawEvents.Broker.Nodes;

/// <summary>Relays a client's messages to the node that has its session, and handles those that other nodes relay. docs/reference/transports.md#emulation</summary>
/// <remarks>Thread-safe. Messages that one node relays for one session are handled in the order of their arrival.</remarks>
internal sealed partial class NodeRelay(
    INodeBus bus, EmulatedSessions sessions, ConnectionOptions options, TransportSettings transports, BrokerMetrics metrics, ILogger<NodeRelay> logger) : IEmulationRelay
{
    private bool _isLogged;

    private int MaxBytes => transports.EmulationMaxBytes ?? options.MaxMessageBytes;

    /// <inheritdoc/>
    /// <exception cref="Faults.StoreUnavailableException">The message may not have arrived.</exception>
    public ValueTask<bool> TryRelayAsync(EmulationRequest request) =>
        Guid.TryParseExact(request.Node, "D", out var node) && request.Node == node.ToString()
            ? bus.TrySendAsync(node, new RelayedMessage(request.Session, request.Data))
            : new(false);

    /// <summary>Another node has relayed a message. Does not wait.</summary>
    public void OnRelayed(RelayedMessage relayed)
    {
        if (relayed.Data.Length > MaxBytes)
        {
            Drop(relayed.Data.Length);
            return;
        }

        // The session owns the task: it does not throw, and the end of the session waits for it.
        _ = sessions.HandleAsync(relayed.Session, relayed.Data);
    }

    private void Drop(int length)
    {
        metrics.BusMessageDropped(nameof(EnvelopeFault.Malformed));
        if (!Interlocked.Exchange(ref _isLogged, true))
        {
            Log.TooLong(logger, length, MaxBytes);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Dropped a message of {Length} bytes that another node relayed: the limit of this node is {Limit}. Further ones are only counted.")]
        public static partial void TooLong(ILogger logger, int length, int limit);
    }
}
