namespace ClawEvents.Broker.Hub;

/// <summary>The frames that wait to be sent on one connection. A sender never waits for the far end.</summary>
/// <remarks>
/// DESIGN. While the transport accepts bytes, frames go straight to it. When it does not, because the far end reads too slowly, they wait here by
/// reference, shared with every other slow subscriber, up to a limit in bytes. What a subscription sends, keeps and skips is decided under the same gate, so
/// that replies and pushes have one order (OutboundQueue.Subscriptions.cs).
/// <para>All members are thread-safe. The gate is this object: no reference to it leaves its connection. It is held for one write at most, and on a reactor only that
/// reactor's thread takes it, apart from a ping or a disconnect. No other gate is taken under it, apart from a pipe's own
/// (docs/contributing/gate-order.md). Hot path: no allocation unless the far end falls behind.</para>
/// </remarks>
internal abstract partial class OutboundQueue(int maxWaitingBytes)
{
    // Bytes of replies beyond those that the transport has accepted.
    private const int MaxUnreadReplies = 16 * 1024;

    // All fields are written under the gate.
    private FrameQueue? _waiting;
    private int _waitingReplies;

    // Bytes that pending subscriptions keep; they count towards the limit, too.
    private int _keptBytes;
    private TaskCompletionSource? _flushed;
    private bool _isWatched;

    /// <summary>Bytes that wait because the transport is full; 0 while the far end keeps up.</summary>
    public int WaitingBytes => Volatile.Read(ref _waiting)?.Bytes ?? 0;

    /// <summary>Whether so many of the connection's own frames wait that no more commands should be carried out.</summary>
    /// <remarks>A client that sends commands and does not read is not a slow subscriber: its commands can wait.</remarks>
    public bool HasUnreadReplies => Volatile.Read(ref _waitingReplies) > MaxUnreadReplies;

    /// <summary>The reactor that the connection lives on; null: it is served over pipes.</summary>
    public virtual Transport.Reactor? Reactor => null;

    /// <summary>Limit of what waits in bytes.</summary>
    protected virtual int MaxWaitingBytes => maxWaitingBytes;

    /// <summary>Nothing more is sent.</summary>
    protected bool IsEnded { get; set; }

    /// <summary>Frames are kept back until <see cref="Uncork"/>.</summary>
    protected bool IsCorked { get; set; }

    /// <summary>The transport accepts nothing now, so that frames have to wait. Under the gate.</summary>
    protected abstract bool MustWait { get; }

    /// <summary>The transport has not yet accepted everything. Under the gate.</summary>
    protected abstract bool IsFlushing { get; }

    /// <summary>Null: nobody wants to know. Asked when something begins to wait, under the gate.</summary>
    protected abstract IStallListener? StallListener { get; }

    /// <summary>Null when nothing waits. Under the gate.</summary>
    protected FrameQueue? Waiting => _waiting is { IsEmpty: false } ? _waiting : null;

    /// <summary>Has stalls reported, if the transport does not know by itself to whom.</summary>
    public virtual void ReportStallsTo(IStallListener listener)
    {
    }

    /// <summary>What the transport does not accept now; null: nothing, and the next stall is reported again.</summary>
    public Stall? LookAtStall()
    {
        lock (this)
        {
            _isWatched = _waiting is not null;
            return _waiting is { } waiting ? new(waiting, waiting.Steps) : null;
        }
    }

    /// <inheritdoc cref="ISubscriber.Prefetch"/>
    public virtual void Prefetch()
    {
    }

    /// <summary>Sends one frame of this connection's own.</summary>
    /// <param name="frame">Copied.</param>
    /// <returns>False when the queue is full. True also when the connection has ended.</returns>
    public bool TryEnqueue(ReadOnlySpan<byte> frame)
    {
        lock (this)
        {
            if (MustWait)
            {
                _waitingReplies += frame.Length;
                return TryWait(frame.ToArray());
            }

            Write(frame);
            return true;
        }
    }

    /// <summary>Keeps frames back until <see cref="Uncork"/>, so that the answers to one message leave in one write.</summary>
    public abstract void Cork();

    /// <summary>Sends the frames that were kept back.</summary>
    public abstract void Uncork();

    /// <summary>Sends a last frame instead of those that still wait, and accepts no more.</summary>
    /// <returns>False when the queue had ended already; the frame is then not sent.</returns>
    public bool TryEnd(ReadOnlyMemory<byte> lastFrame)
    {
        lock (this)
        {
            if (IsEnded)
            {
                return false;
            }

            DropWaiting();
            if (MustWait)
            {
                TryWait(lastFrame);
            }
            else
            {
                Write(lastFrame.Span);
                Uncork();
            }

            IsEnded = true;
            CheckLastSent();
            return true;
        }
    }

    /// <summary>Accepts no more and drops what waits: the connection is gone, and its pipe may be completed after <see cref="WhenFlushed"/>.</summary>
    /// <returns>Whether the transport has accepted everything, as far as it shows.</returns>
    public bool End()
    {
        lock (this)
        {
            var isFlushed = !IsFlushing;
            IsEnded = true;
            _waiting = null;
            CheckFlushed();
            return isFlushed;
        }
    }

    /// <summary>Waits until the transport has accepted what is there, if it does not accept all immediately. Before that a pipe must not be completed: one over a stream gives its memory back twice then.</summary>
    /// <returns>Complete also when that has failed. Never fails.</returns>
    public Task WhenFlushed()
    {
        lock (this)
        {
            return IsFlushing ? (_flushed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Waits until <see cref="HasUnreadReplies"/> is false, or the connection has ended.</summary>
    public Task WhenRepliesRead()
    {
        lock (this)
        {
            return HasUnreadReplies && !IsEnded ? WhenFlushed() : Task.CompletedTask;
        }
    }

    /// <summary>The transport has the last frame, after all frames before it. Called under the gate; may come twice.</summary>
    protected virtual void OnLastSent()
    {
    }

    /// <summary>Gives a frame to the transport, or nowhere when the queue has ended. Under the gate, and only when the queue need not wait.</summary>
    protected abstract void Write(ReadOnlySpan<byte> frame);

    protected void CheckLastSent()
    {
        if (IsEnded && !IsFlushing)
        {
            OnLastSent();
        }
    }

    /// <summary>Reports that the transport has accepted everything, if that is so. Under the gate.</summary>
    protected void CheckFlushed()
    {
        if (!IsFlushing)
        {
            _waiting = null;
            Volatile.Write(ref _waitingReplies, 0);
            _flushed?.TrySetResult();
            _flushed = null;
        }
    }

    /// <summary>Adds a frame to those that wait.</summary>
    /// <returns>False when there is no room.</returns>
    protected bool TryWait(ReadOnlyMemory<byte> frame)
    {
        if (IsEnded)
        {
            return true;
        }

        if (WaitingBytes + _keptBytes + frame.Length > MaxWaitingBytes)
        {
            return false;
        }

        BeginWaiting().Enqueue(frame);
        return true;
    }

    /// <summary>Keeps, whatever the limit, the rest of what was sent in part; frames that wait come after it. Under the gate.</summary>
    protected void WaitWithRest(ReadOnlyMemory<byte> rest) => BeginWaiting().EnqueueRest(rest);

    /// <summary>What waits, from now on if nothing did. Under the gate.</summary>
    protected FrameQueue BeginWaiting()
    {
        if (_waiting is null && !_isWatched && StallListener is { } listener)
        {
            _isWatched = true;
            listener.OnStalled();
        }

        return _waiting ??= new();
    }

    private void DropWaiting()
    {
        _waiting?.DropUnbegun();
        Volatile.Write(ref _waitingReplies, 0);
    }

    /// <summary>Gives frames that other subscribers get, too, to the transport. Under the gate, and only when the queue need not wait.</summary>
    protected virtual void WriteShared(SharedFrames frames) => Write(frames.Bytes);

    private bool TrySendShared(SharedFrames frames)
    {
        if (MustWait)
        {
            return TryWait(frames.Keep());
        }

        WriteShared(frames);
        return true;
    }

    private bool TrySend(byte[] frame)
    {
        if (MustWait)
        {
            return TryWait(frame);
        }

        Write(frame);
        return true;
    }
}
