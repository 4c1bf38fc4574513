using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>What was read of a channel's history, all of one moment.</summary>
/// <param name="Publications">In the order that was asked for.</param>
/// <param name="Top">The channel's position: the offset of its last publication, kept or not.</param>
internal sealed record HistoryPage(IReadOnlyList<StoredPublication> Publications, StreamPosition Top);
