using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Keeps what other nodes want done.</summary>
internal sealed class RecordingOrders : INodeOrders
{
    private readonly ConcurrentQueue<NodeOrder> _orders = new();
    private int _interruptions;

    public NodeOrder[] Orders => [.. _orders];

    public int Interruptions => Volatile.Read(ref _interruptions);

    public void Disconnect(DisconnectOrder order) => _orders.Enqueue(order);

    public void Unsubscribe(UnsubscribeOrder order) => _orders.Enqueue(order);

    public void Subscribe(SubscribeOrder order) => _orders.Enqueue(order);

    public void Refresh(RefreshOrder order) => _orders.Enqueue(order);

    public void CheckAccess(AccessOrder order) => _orders.Enqueue(order);

    public void ForgetKey(KeyOrder order) => _orders.Enqueue(order);

    public void ForgetAdvertisement(AdvertisementOrder order) => _orders.Enqueue(order);

    public void TakeInterruption() => Interlocked.Increment(ref _interruptions);
}
