using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Streams.Durable;

/// <summary>The end of a stream whose cursor the disk does not take.</summary>
internal static class CursorFailure
{
    /// <summary>Whether the disk or its rights caused it.</summary>
    public static bool IsOne(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static Failure Of(Exception exception) => new(
        $"Cannot save how far the durable consumer has come: {SystemText.Reason(exception)}",
        "Make room on the disk, or make the folder writable; what was not saved comes again at the next start");
}
