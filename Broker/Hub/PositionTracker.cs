using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Hub;

/// <summary>The step to take with a publication for a subscriber that tracks its position.</summary>
internal enum PositionStep : byte
{
    Deliver,

    /// <summary>The subscriber has it already.</summary>
    Skip,

    /// <summary>The subscriber missed something: the subscription ends with 2500, or for a server-side one the connection with 3010, and the client recovers.</summary>
    InsufficientState,
}

/// <summary>The last position that a live subscription has seen.</summary>
/// <remarks>Not thread-safe: it lives under the gate under which the subscription's deliveries are queued.</remarks>
internal struct PositionTracker(StreamPosition start)
{
    /// <summary>The position of the last publication that was delivered.</summary>
    public StreamPosition Position { get; private set; } = start;

    /// <summary>Decides on the next publication and, when it is to be delivered, moves to its position.</summary>
    /// <param name="publication">Offset 0 for one that is in no history: it is delivered and moves nothing.</param>
    public PositionStep Next(StreamPosition publication)
    {
        if (publication.Offset == 0)
        {
            return PositionStep.Deliver;
        }

        // A subscriber that does not know the epoch learns it from the first publication.
        if (!string.IsNullOrEmpty(Position.Epoch) && Position.Epoch != publication.Epoch)
        {
            return PositionStep.InsufficientState;
        }

        if (publication.Offset <= Position.Offset)
        {
            return PositionStep.Skip;
        }

        if (publication.Offset - Position.Offset > 1)
        {
            return PositionStep.InsufficientState;
        }

        Position = publication;
        return PositionStep.Deliver;
    }

    /// <summary>Moves over a run of publications without a gap, if it begins just behind the position.</summary>
    /// <param name="first">The first one; its offset is not 0.</param>
    /// <param name="last">The last one, of the same epoch.</param>
    public bool TryTake(StreamPosition first, StreamPosition last)
    {
        if (Position.Epoch != first.Epoch || first.Offset != Position.Offset + 1)
        {
            return false;
        }

        Position = last;
        return true;
    }

    /// <summary>Whether nothing is missing up to the channel's position, which may be some time old: deliveries since then do no harm.</summary>
    public readonly bool HasReached(StreamPosition top) =>
        Position.Offset >= top.Offset && (string.IsNullOrEmpty(Position.Epoch) || Position.Epoch == top.Epoch);
}
