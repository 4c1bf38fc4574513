using System.Buffers;
using System.IO.Pipelines;

namespace ClawEvents.Broker.Hub;

/// <summary>The queue of a connection over a pipe: behind TLS, in HTTP/2, a stream, or on Kestrel's sockets.</summary>
/// <remarks>
/// DESIGN. Frames go straight into the transport's pipe, whose reader sends whatever lies there with one write: frames that
/// come while a send is under way leave together with the next one. When the pipe is full (64 KiB by default) its flush stays pending.
/// A pipe takes one pending flush at a time, so nothing is written to it until that one is done.
/// </remarks>
internal class PipeOutbound(PipeWriter output, int maxWaitingBytes) : OutboundQueue(maxWaitingBytes)
{
    // As much as the transport's pipe is meant to hold: more would only sit there in copies.
    private const int MaxWriteBytes = 64 * 1024;

    private Action? _resume;
    private IStallListener? _stallListener;
    private ValueTask<FlushResult> _flush;
    private bool _isFlushing;
    private bool _isHeld;

    /// <inheritdoc/>
    protected override bool MustWait => _isFlushing;

    /// <inheritdoc/>
    protected override bool IsFlushing => _isFlushing;

    /// <inheritdoc/>
    protected override IStallListener? StallListener => _stallListener;

    /// <inheritdoc/>
    /// <remarks>Nobody is slow before the first frame may leave.</remarks>
    protected override int MaxWaitingBytes => _isHeld ? int.MaxValue : base.MaxWaitingBytes;

    /// <inheritdoc/>
    public override void ReportStallsTo(IStallListener listener) => _stallListener = listener;

    /// <summary>Has everything wait until <see cref="Release"/>, as if the transport were full. Before the first frame only.</summary>
    protected void Hold() => _isFlushing = _isHeld = true;

    /// <summary>Sends what waits, and everything from now on.</summary>
    public void Release() => Resume();

    /// <summary>Ends what <see cref="Hold"/> has begun, and drops what waits: nothing is ever sent.</summary>
    public void Discard()
    {
        lock (this)
        {
            _isFlushing = false;
        }

        End();
    }

    /// <inheritdoc/>
    public override void Cork()
    {
        lock (this)
        {
            IsCorked = true;
        }
    }

    /// <inheritdoc/>
    public override void Uncork()
    {
        lock (this)
        {
            IsCorked = false;
            if (!_isFlushing && !IsEnded && output.UnflushedBytes > 0)
            {
                Flush();
            }
        }
    }

    /// <inheritdoc/>
    protected override void Write(ReadOnlySpan<byte> frame)
    {
        if (IsEnded)
        {
            return;
        }

        output.Write(frame);
        if (!IsCorked)
        {
            Flush();
        }
    }

    private void Flush()
    {
        var flush = StartFlush();
        if (flush.IsCompletedSuccessfully)
        {
            IsEnded |= flush.Result.IsCompleted;
            return;
        }

        if (_stallListener is not null)
        {
            BeginWaiting();
        }

        _isFlushing = true;
        _flush = flush;
        _flush.GetAwaiter().UnsafeOnCompleted(_resume ??= Resume);
    }

    // A reactor may be the one that delivers: what the transport awaits here must not come back to it.
    private ValueTask<FlushResult> StartFlush()
    {
        if (SynchronizationContext.Current is not { } context)
        {
            return output.FlushAsync();
        }

        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return output.FlushAsync();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    // Runs on the transport's scheduler once the far end has taken enough.
    private void Resume()
    {
        lock (this)
        {
            _isFlushing = _isHeld = false;
            IsEnded |= IsOutputGone();
            while (!_isFlushing && Waiting is { } waiting)
            {
                var bytes = output.GetSpan(Math.Min(waiting.Bytes, MaxWriteBytes));
                var copied = waiting.CopyTo(bytes[..Math.Min(bytes.Length, MaxWriteBytes)]);
                waiting.Advance(copied);
                output.Advance(copied);
                Flush();
            }

            CheckLastSent();
            CheckFlushed();
        }
    }

    private bool IsOutputGone()
    {
        try
        {
            return _flush.Result.IsCompleted;
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The transport ended while the flush waited; the receive loop sees the same and closes the connection.
            return true;
        }
    }
}
