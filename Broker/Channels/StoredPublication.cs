namespace ClawEvents.Broker.Channels;

/// <summary>A publication in a channel's history. Immutable.</summary>
/// <param name="Offset">Its position in the history: 1 for the first publication of an epoch.</param>
internal sealed record StoredPublication(ulong Offset, Publication Publication) : IStoredPublication;
