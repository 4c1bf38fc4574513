namespace ClawEvents.Cli.Streams;

/// <summary>When a stream ends by itself. At least one is set.</summary>
/// <param name="Count">After so many messages; null for no limit.</param>
/// <param name="Silence">When none has come for so long; null for no limit.</param>
/// <param name="Duration">After so long in all; null for no limit.</param>
internal sealed record StreamLimits(long? Count, TimeSpan? Silence, TimeSpan? Duration);
