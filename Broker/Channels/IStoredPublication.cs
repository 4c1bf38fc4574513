namespace ClawEvents.Broker.Channels;

/// <summary>A publication with its place in a history or in the stream of a map.</summary>
internal interface IStoredPublication
{
    /// <inheritdoc cref="StoredPublication.Offset"/>
    ulong Offset { get; }

    Publication Publication { get; }
}
