using System.Buffers;
using System.IO.Pipelines;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A real pipe whose ends call each other on the thread that moves them: a test needs to wait for nothing.</summary>
internal static class InlinePipe
{
    /// <param name="pauseAt">Unread bytes from which on a flush stays pending; 0: never.</param>
    /// <param name="segmentBytes">The least size of the pieces of memory that the bytes lie in; from 16 on.</param>
    public static Pipe Create(int pauseAt = 0, int segmentBytes = -1) => new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: pauseAt,
        resumeWriterThreshold: pauseAt == 0 ? 0 : 1,
        minimumSegmentSize: segmentBytes,
        useSynchronizationContext: false));

    /// <summary>Takes everything that lies in the pipe; empty when nothing does.</summary>
    public static byte[] TakeAll(this PipeReader reader)
    {
        if (!reader.TryRead(out var read))
        {
            return [];
        }

        var bytes = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return bytes;
    }
}
