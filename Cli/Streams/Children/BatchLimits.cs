namespace ClawEvents.Cli.Streams.Children;

/// <summary>When a batch is complete: whatever comes first. At least one is set.</summary>
/// <param name="Count">Messages; null: any number.</param>
/// <param name="Quiet">Time since the last message; null: for ever.</param>
/// <param name="Age">Time since the first message; null: for ever.</param>
internal sealed record BatchLimits(int? Count, TimeSpan? Quiet, TimeSpan? Age);
