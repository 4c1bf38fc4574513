using System.Buffers;
using System.IO.Pipelines;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A real pipe whose ends call each other on the thread that moves them: a test needs to wait for nothing.</summary>
internal static class InlinePipe
{
    /// <param name="pauseAt">Unread bytes from which on a flush stays pending; 0: never.</param>
    public static Pipe Create(int pauseAt = 0) => new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: pauseAt,
        resumeWriterThreshold: pauseAt == 0 ? 0 : 1,
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
