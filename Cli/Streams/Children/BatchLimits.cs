namespace ClawEvents.Cli.Streams.Children;

/// <summary>The limits of a batch; the first one reached completes it. At least one is set.</summary>
/// <param name="Count">Messages; null for no limit.</param>
/// <param name="Quiet">Time since the last message; null for no limit.</param>
/// <param name="Age">Time since the first message; null for no limit.</param>
internal sealed record BatchLimits(int? Count, TimeSpan? Quiet, TimeSpan? Age);
