namespace ClawEvents.Cli.Streams;

/// <summary>Standard output cannot be written any more.</summary>
/// <remarks>Not an <see cref="IOException"/>: those mean trouble with the connection, which is mended by a new one.</remarks>
internal sealed class StandardOutputException(IOException cause) : Exception(cause.Message, cause)
{
    // errno of a pipe whose reader is gone; the runtime passes it on as it is.
    private const int BrokenPipe = 32;

    /// <summary>The reader has enough (<c>| head -1</c>): no error.</summary>
    public bool IsClosedPipe => InnerException!.HResult == BrokenPipe;
}
