namespace ClawEvents.Broker.Hub;

/// <summary>Learns that a transport has stopped accepting bytes.</summary>
internal interface IStallListener
{
    /// <summary>Bytes wait from now on. Comes once until <see cref="OutboundQueue.LookAtStall"/> finds that none do.</summary>
    /// <remarks>Called under the queue's gate, on any thread: it takes no other gate and does not throw.</remarks>
    void OnStalled();
}

/// <summary>Bytes that wait for their transport: two looks that find the same one have seen no progress between them.</summary>
/// <param name="Queue">What waits.</param>
/// <param name="Steps">How often the transport has accepted some of it.</param>
internal readonly record struct Stall(FrameQueue Queue, int Steps);
