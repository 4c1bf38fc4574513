using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>A publication on its way out of the engine, to the subscribers of this node.</summary>
/// <remarks>Its memory is only valid until the call that it is passed to returns.</remarks>
internal readonly struct DeliveredPublication
{
    /// <summary>Offset 0 and an empty epoch when it is in no history.</summary>
    public required StreamPosition Position { get; init; }

    public required Publication Publication { get; init; }

    /// <summary>The payload of the publication before it (offset - 1; in a map: of the same key), when a delta is wanted and it is known; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Previous { get; init; }

    /// <summary>The change of a map that this is, of which <see cref="Previous"/> is the value before; null: the channel is no map.</summary>
    public MapPublication? Change { get; init; }
}
