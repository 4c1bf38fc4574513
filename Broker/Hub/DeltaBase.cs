namespace ClawEvents.Broker.Hub;

/// <summary>The publication that a subscriber has and a delta can be applied to.</summary>
/// <remarks>
/// A client applies a delta to the last publication it got. So the first one is sent whole, and so is the first after one that is in no
/// history (offset 0) or was not sent to this client. Not thread-safe: it lives beside the subscription's <see cref="PositionTracker"/>.
/// </remarks>
/// <param name="offset">After a successful recovery the position's offset: the client has that publication. Otherwise 0.</param>
internal struct DeltaBase(ulong offset)
{
    private ulong _offset = offset;

    /// <summary>Called for each publication that is sent, in order.</summary>
    /// <returns>Whether it may be a delta against the publication before it in the channel.</returns>
    public bool TakesDelta(ulong offset)
    {
        var hasPrevious = _offset > 0 && offset == _offset + 1;
        _offset = offset;
        return hasPrevious;
    }
}
