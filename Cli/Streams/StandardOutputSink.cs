using System.Buffers;
using System.IO.Pipelines;
using ClawEvents.Cli.Output;
using Microsoft.Win32.SafeHandles;

namespace ClawEvents.Cli.Streams;

/// <summary>Writes one publication in some form.</summary>
/// <param name="receivedAt">Unix milliseconds, for a publication that carries no time.</param>
internal delegate void WritePublication(in Publication publication, long receivedAt, IBufferWriter<byte> output);

/// <summary>Publications on standard output, through a queue, so that a slow reader does not keep the connection from being read.</summary>
internal sealed class StandardOutputSink : IPublicationSink
{
    // Some hundred thousand messages: more than pile up while a reader only pauses.
    private const int MaxQueuedBytes = 64 * 1024 * 1024;

    // A burst is written in pieces of this size, the capacity of a pipe.
    private const int WriteBytes = 64 * 1024;

    private readonly WritePublication _format;
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly Action<long>? _taken;
    private readonly Pipe _queue = new(new PipeOptions(
        pauseWriterThreshold: MaxQueuedBytes,
        resumeWriterThreshold: MaxQueuedBytes / 2,
        minimumSegmentSize: WriteBytes,
        useSynchronizationContext: false));
    private readonly Task<IOException?> _writing;
    private Task _flushing = Task.CompletedTask;
    private long _flushedBytes;

    /// <param name="taken">Called with the number of bytes, in all, that the system has taken, when it has taken more; by one task at a time.</param>
    public StandardOutputSink(WritePublication format, Stream output, TimeProvider time, Action<long>? taken = null)
    {
        (_format, _output, _time, _taken) = (format, output, time, taken);
        _writing = Task.Run(WriteQueuedAsync);
    }

    public bool IsFull => !_flushing.IsCompleted;

    public string Lag => $"The reader of standard output is {MaxQueuedBytes / (1024 * 1024)} MiB behind";

    public Task Broken => _writing;

    /// <summary>Bytes that were written to the queue so far, in all.</summary>
    public long AcceptedBytes => _flushedBytes + _queue.Writer.UnflushedBytes;

    /// <summary>Standard output as a stream that reports when its reader is gone.</summary>
    /// <remarks>The console's own stream hides that, and opening it switches a terminal's keypad. It is still used for files, where it
    /// keeps the position that the shell's other commands share.</remarks>
    public static Stream OpenStandardOutput()
    {
        const int HandleNumber = 1;
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }
        var direct = new FileStream(new SafeFileHandle(HandleNumber, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return direct.CanSeek ? Console.OpenStandardOutput() : direct;
    }

    /// <summary>Nothing to do: only lines are written.</summary>
    public void Begin(Subscription subscription)
    {
    }

    /// <summary>Nothing to do: a person reads of it on stderr.</summary>
    public void WriteGap(Gap gap)
    {
    }

    /// <inheritdoc/>
    /// <remarks>Hot path: no allocation but for the queue's growth.</remarks>
    public void Write(Subscription subscription, in Publication publication)
    {
        _format(publication, _time.GetUtcNow().ToUnixTimeMilliseconds(), _queue.Writer);
        FlushPiece();
    }

    /// <summary>Writes a line that is no publication.</summary>
    public void WriteLine(ReadOnlySpan<byte> line)
    {
        _queue.Writer.Write(line);
        _queue.Writer.Write("\n"u8);
        FlushPiece();
    }

    public void Flush()
    {
        // While the queue is full, the next flush has to wait for it.
        if (_queue.Writer.UnflushedBytes > 0 && !IsFull)
        {
            _flushedBytes += _queue.Writer.UnflushedBytes;
            _flushing = _queue.Writer.FlushAsync().AsTask();
        }
    }

    public async Task WaitForRoomAsync(CancellationToken stop)
    {
        await _flushing.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Flush();
    }

    public async Task<Outcome?> EndAsync(CancellationToken giveUp)
    {
        await _queue.Writer.CompleteAsync();
        await ((Task)_writing).WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _writing.IsCompleted && await _writing is { } trouble ? OutcomeOf(trouble) : null;
    }

    private void FlushPiece()
    {
        if (_queue.Writer.UnflushedBytes >= WriteBytes)
        {
            Flush();
        }
    }

    private async Task<IOException?> WriteQueuedAsync()
    {
        try
        {
            var taken = 0L;
            ReadResult read;
            do
            {
                read = await _queue.Reader.ReadAsync();
                foreach (var segment in read.Buffer)
                {
                    _output.Write(segment.Span);
                }
                taken += read.Buffer.Length;
                _queue.Reader.AdvanceTo(read.Buffer.End);
                _taken?.Invoke(taken);
            }
            while (!read.IsCompleted);
            return null;
        }
        catch (IOException exception)
        {
            return exception;
        }
        finally
        {
            await _queue.Reader.CompleteAsync();
        }
    }

    private static Outcome OutcomeOf(IOException trouble)
    {
        // errno of a pipe whose reader is gone, unchanged by the runtime. The reader has read enough (| head -1): not an error.
        const int BrokenPipe = 32;
        return trouble.HResult == BrokenPipe
            ? new Finished(0)
            : new Failure($"Cannot write to standard output: {trouble.Message}", "Check where standard output goes");
    }
}
