using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Records the messages of other nodes.</summary>
internal sealed class RecordingOrders : INodeOrders
{
    private readonly ConcurrentQueue<(Guid Sender, NodeMessage Message)> _orders = new();
    private int _interruptions;

    public NodeMessage[] Orders => [.. _orders.Select(order => order.Message)];

    public Guid[] Senders => [.. _orders.Select(order => order.Sender)];

    public int Interruptions => Volatile.Read(ref _interruptions);

    public void OnMessage(Guid sender, NodeMessage message) => _orders.Enqueue((sender, message));

    public void OnInterruption() => Interlocked.Increment(ref _interruptions);
}
