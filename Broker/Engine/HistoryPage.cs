using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>A part of a channel's history, read at one moment.</summary>
/// <param name="Publications">In the order that was asked for.</param>
/// <param name="Top">The channel's position: the offset of its last publication, kept or not.</param>
internal sealed record HistoryPage(IReadOnlyList<StoredPublication> Publications, StreamPosition Top);
