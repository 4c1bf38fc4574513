namespace ClawEvents.Broker.Channels;

/// <summary>A place in a channel's history.</summary>
/// <param name="Offset">Of the last publication before it: 0 at the beginning; the first publication has 1.</param>
/// <param name="Epoch">Which history it is a place in: it changes when the offsets start again. Empty in a request that does not know it.</param>
internal readonly record struct StreamPosition(ulong Offset, string Epoch);
