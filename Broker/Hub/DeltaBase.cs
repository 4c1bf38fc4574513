namespace ClawEvents.Broker.Hub;

/// <summary>The publication that a subscriber has and a delta can be applied to.</summary>
/// <remarks>
/// A client applies a delta to the last publication it got. So the first one is sent whole, and so is the first after one that is in no
/// history (offset 0) or was not sent to this client. In a map it applies it to the last value of the same key, and a live subscriber has all values.
/// Not thread-safe: it lives beside the subscription's <see cref="PositionTracker"/>.
/// </remarks>
/// <param name="offset">After a successful recovery the position's offset: the client has that publication. Otherwise 0.</param>
internal struct DeltaBase(ulong offset)
{
    private const ulong EachKey = ulong.MaxValue;

    private ulong _offset = offset;

    /// <summary>Of the live subscriber of a map.</summary>
    public static DeltaBase OfMap { get; } = new(EachKey);

    /// <summary>Called for each publication that is sent, in order.</summary>
    /// <returns>Whether it may be a delta against the publication before it in the channel, or in a map against the one before it of its key.</returns>
    public bool TakesDelta(ulong offset)
    {
        if (_offset == EachKey)
        {
            return true;
        }

        var hasPrevious = _offset > 0 && offset == _offset + 1;
        _offset = offset;
        return hasPrevious;
    }
}
