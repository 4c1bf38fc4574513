namespace ClawEvents.Cli.Streams.Children;

/// <summary>What children are started, and when.</summary>
/// <param name="Command">Their command line.</param>
/// <param name="Batch">null: one child for each message.</param>
/// <param name="MaxParallel">Children at once.</param>
/// <param name="FailFast">Whether a child that fails ends the stream.</param>
internal sealed record ChildOptions(ChildCommand Command, BatchLimits? Batch, int MaxParallel, bool FailFast)
{
    /// <summary>Messages that may wait for a child.</summary>
    public const int MaxQueuedBytes = 64 * 1024 * 1024;
}
