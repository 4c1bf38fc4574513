namespace ClawEvents.Cli.Streams.Children;

/// <summary>How and when children are started.</summary>
/// <param name="Command">Their command line.</param>
/// <param name="Batch">null for one child per message.</param>
/// <param name="MaxParallel">Children that run simultaneously.</param>
/// <param name="FailFast">Whether a child that fails ends the stream.</param>
/// <param name="Key">Events of the same key are handed over one after another; null: only their start is in order.</param>
internal sealed record ChildOptions(ChildCommand Command, BatchLimits? Batch, int MaxParallel, bool FailFast, KeyPath? Key = null)
{
    /// <summary>Size of the messages that may wait for a child.</summary>
    public const int MaxQueuedBytes = 64 * 1024 * 1024;
}
