using System.Buffers;
using System.IO.Pipelines;

namespace ClawEvents.Broker.Hub;

/// <summary>The frames that wait to be sent on one connection. A sender never waits for the far end.</summary>
/// <remarks>
/// DESIGN. Frames go straight into the transport's pipe, whose reader sends whatever lies there with one write: frames that
/// come while a send is under way leave together with the next one. When the pipe is full (64 KiB by default)
/// its flush stays pending, and frames queue here by reference, shared with every other slow subscriber, up to a limit in bytes.
/// A pipe takes one pending flush at a time, so nothing is written to it until that one is done.
/// <para>All members are thread-safe. The gate is held for a copy into the pipe at most; no other gate is taken under it, apart
/// from the pipe's own (docs/contributing/gate-order.md). Hot path: no allocation unless the far end falls behind.</para>
/// </remarks>
internal partial class OutboundQueue(PipeWriter output, int maxWaitingBytes)
{
    // As much as the transport's pipe is meant to hold: more would only sit there in copies.
    private const int MaxWriteBytes = 64 * 1024;

    // Bytes of replies beyond those in the pipe.
    private const int MaxUnreadReplies = 16 * 1024;

    // All fields are written under the gate, which is this object: no reference to it leaves its connection.
    private Queue<ReadOnlyMemory<byte>>? _waiting;
    private int _waitingBytes;
    private int _waitingReplies;

    // Bytes that pending subscriptions keep; they count towards the limit, too.
    private int _keptBytes;
    private Action? _resume;
    private ValueTask<FlushResult> _flush;
    private bool _isFlushing;
    private TaskCompletionSource? _flushed;
    private bool _isCorked;
    private bool _isEnded;

    /// <summary>Bytes that wait because the transport is full; 0 while the far end keeps up.</summary>
    public int WaitingBytes => Volatile.Read(ref _waitingBytes);

    /// <summary>Whether so many of the connection's own frames wait that no more commands should be carried out.</summary>
    /// <remarks>A client that sends commands and does not read is not a slow subscriber: its commands can wait.</remarks>
    public bool HasUnreadReplies => Volatile.Read(ref _waitingReplies) > MaxUnreadReplies;

    /// <summary>Sends one frame of this connection's own.</summary>
    /// <param name="frame">Copied.</param>
    /// <returns>False when the queue is full. True also when the connection has ended.</returns>
    public bool TryEnqueue(ReadOnlySpan<byte> frame)
    {
        lock (this)
        {
            if (_isFlushing)
            {
                _waitingReplies += frame.Length;
                return TryWait(frame.ToArray());
            }

            Write(frame);
            return true;
        }
    }

    /// <summary>Keeps frames back until <see cref="Uncork"/>, so that the answers to one message leave in one write.</summary>
    public void Cork()
    {
        lock (this)
        {
            _isCorked = true;
        }
    }

    /// <summary>Sends the frames that were kept back.</summary>
    public void Uncork()
    {
        lock (this)
        {
            _isCorked = false;
            if (!_isFlushing && !_isEnded && output.UnflushedBytes > 0)
            {
                Flush();
            }
        }
    }

    /// <summary>Sends a last frame instead of those that still wait, and accepts no more.</summary>
    /// <returns>False when the queue had ended already; the frame is then not sent.</returns>
    public bool TryEnd(ReadOnlyMemory<byte> lastFrame)
    {
        lock (this)
        {
            if (_isEnded)
            {
                return false;
            }

            _isCorked = false;
            ClearWaiting();
            if (_isFlushing)
            {
                TryWait(lastFrame);
            }
            else
            {
                Write(lastFrame.Span);
            }

            _isEnded = true;
            CheckLastSent();
            return true;
        }
    }

    /// <summary>Accepts no more and drops what waits: the connection is gone, and its pipe may be completed after <see cref="WhenFlushed"/>.</summary>
    /// <returns>Whether the transport has accepted everything, as far as a flush shows.</returns>
    public bool End()
    {
        lock (this)
        {
            _isEnded = true;
            ClearWaiting();
            return !_isFlushing;
        }
    }

    /// <summary>Waits for the flush that is under way. Before that the pipe must not be completed: one over a stream gives its memory back twice then.</summary>
    /// <returns>Complete also when the flush has failed. Never fails.</returns>
    public Task WhenFlushed()
    {
        lock (this)
        {
            return _isFlushing ? (_flushed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Waits until <see cref="HasUnreadReplies"/> is false, or the connection has ended.</summary>
    public Task WhenRepliesRead()
    {
        lock (this)
        {
            return HasUnreadReplies && !_isEnded ? WhenFlushed() : Task.CompletedTask;
        }
    }

    /// <summary>The transport has the last frame, after all frames before it. Called under the gate; may come twice.</summary>
    protected virtual void OnLastSent()
    {
    }

    private void CheckLastSent()
    {
        if (_isEnded && !_isFlushing && _waiting is not { Count: > 0 })
        {
            OnLastSent();
        }
    }

    private bool TrySend(byte[]? frame)
    {
        if (_isFlushing)
        {
            return TryWait(frame);
        }

        Write(frame);
        return true;
    }

    private bool TryWait(ReadOnlyMemory<byte> frame)
    {
        if (_isEnded)
        {
            return true;
        }

        if (_waitingBytes + _keptBytes + frame.Length > maxWaitingBytes)
        {
            return false;
        }

        (_waiting ??= new()).Enqueue(frame);
        _waitingBytes += frame.Length;
        return true;
    }

    private void ClearWaiting()
    {
        _waiting = null;
        _waitingBytes = 0;
        _waitingReplies = 0;
    }

    private void Write(ReadOnlySpan<byte> frame)
    {
        if (_isEnded)
        {
            return;
        }

        output.Write(frame);
        if (!_isCorked)
        {
            Flush();
        }
    }

    private void Flush()
    {
        var flush = output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            _isEnded |= flush.Result.IsCompleted;
            return;
        }

        _isFlushing = true;
        _flush = flush;
        _flush.GetAwaiter().UnsafeOnCompleted(_resume ??= Resume);
    }

    // Runs on the transport's scheduler once the far end has taken enough.
    private void Resume()
    {
        lock (this)
        {
            _isFlushing = false;
            _isEnded |= IsOutputGone();
            var wrote = false;
            while (_waiting is { Count: > 0 } && output.UnflushedBytes < MaxWriteBytes)
            {
                var frame = _waiting.Dequeue();
                _waitingBytes -= frame.Length;
                output.Write(frame.Span);
                wrote = true;
            }

            if (wrote)
            {
                Flush();
            }

            CheckLastSent();
            if (!_isFlushing)
            {
                _waitingReplies = 0;
                _flushed?.TrySetResult();
                _flushed = null;
            }
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
