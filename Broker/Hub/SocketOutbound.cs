using ClawEvents.Broker.Transport;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Hub;

/// <summary>The queue of a connection on a reactor: frames go straight to the socket.</summary>
/// <remarks>
/// Answers to one read are held back in the reactor's cork and leave with one system call. What the system does not take waits in the queue, and goes on
/// when the socket is writable. The gate also keeps the descriptor: it is closed under it, so that nobody sends to a number that another connection has by then.
/// </remarks>
internal sealed class SocketOutbound(ReactorSocket socket, int maxWaitingBytes) : OutboundQueue(maxWaitingBytes), ICorked, IConnectionLifetimeFeature
{
    // As much as one system call should send: more waits in the system.
    private const int MaxSendBytes = 64 * 1024;

    [ThreadStatic]
    private static byte[]? _gatheredOfThisThread;

    private bool _isClosed;

    /// <inheritdoc/>
    public override Reactor Reactor => socket.Reactor;

    /// <summary>Not used: the reactor reports the end.</summary>
    public CancellationToken ConnectionClosed { get; set; }

    /// <inheritdoc/>
    /// <remarks>A frame of another thread must not pass those in the cork.</remarks>
    protected override bool MustWait => Waiting is not null || (IsCorked && !Reactor.IsCurrent);

    /// <inheritdoc/>
    protected override bool IsFlushing => Waiting is not null;

    /// <inheritdoc/>
    protected override IStallListener? StallListener => socket.Handler as IStallListener;

    /// <inheritdoc/>
    public override void Prefetch() => socket.Prefetch();

    /// <inheritdoc/>
    public override void Cork()
    {
        if (Reactor.IsCurrent)
        {
            Reactor.Cork.Begin(this);
            lock (this)
            {
                IsCorked = true;
            }
        }
    }

    /// <inheritdoc/>
    public override void Uncork()
    {
        if (!IsCorked || !Reactor.IsCurrent)
        {
            return;
        }

        lock (this)
        {
            IsCorked = false;
            SendCorked();
            Reactor.Cork.End();
            SendWaiting();
        }
    }

    /// <summary>Sends what waits, as far as the system takes it. On the reactor's thread.</summary>
    public void OnWritable()
    {
        // Read without the gate: usually nothing waits, and who adds something has tried to send before.
        if (WaitingBytes == 0)
        {
            return;
        }

        lock (this)
        {
            SendWaiting();
        }
    }

    /// <inheritdoc/>
    public void Abort()
    {
        lock (this)
        {
            if (!_isClosed)
            {
                socket.Abort();
            }
        }
    }

    /// <summary>Ends the use of the socket, which its owner closes then: nothing is sent to it any more.</summary>
    public void LeaveSocket()
    {
        lock (this)
        {
            _isClosed = true;
        }
    }

    /// <inheritdoc/>
    protected override void WriteShared(SharedFrames frames)
    {
        if (IsCorked || IsEnded)
        {
            Write(frames.Bytes);
        }
        else if (TrySendNow(frames.Bytes, out var sent) && sent < frames.Bytes.Length)
        {
            WaitWithRest(frames.Keep()[sent..]);
        }
    }

    /// <inheritdoc/>
    protected override void Write(ReadOnlySpan<byte> frame)
    {
        if (IsEnded)
        {
            return;
        }

        if (!IsCorked)
        {
            Send(frame);
        }
        else if (!Reactor.Cork.TryAdd(frame))
        {
            SendCorked();
            WriteAfterCork(frame);
        }
    }

    private void WriteAfterCork(ReadOnlySpan<byte> frame)
    {
        if (Waiting is { } waiting)
        {
            waiting.Enqueue(frame.ToArray());
        }
        else if (!Reactor.Cork.TryAdd(frame))
        {
            Send(frame);
        }
    }

    // Frames of other threads that wait meanwhile come after those in the cork.
    private void SendCorked()
    {
        var cork = Reactor.Cork;
        if (cork.Bytes.Length > 0 && TrySendNow(cork.Bytes, out var sent) && sent < cork.Bytes.Length)
        {
            WaitWithRest(cork.Bytes[sent..].ToArray());
        }

        cork.Clear();
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (TrySendNow(bytes, out var sent) && sent < bytes.Length)
        {
            WaitWithRest(bytes[sent..].ToArray());
        }
    }

    // False when the connection is lost; its reactor reports the end.
    private bool TrySendNow(ReadOnlySpan<byte> bytes, out int sent)
    {
        sent = _isClosed ? -1 : socket.Send(bytes);
        if (sent >= 0)
        {
            return true;
        }

        // Not every error of a send ends the connection for the system, too.
        IsEnded = true;
        Abort();
        return false;
    }

    private void SendWaiting()
    {
        while (Waiting is { } waiting)
        {
            var gathered = _gatheredOfThisThread ??= new byte[MaxSendBytes];
            var length = waiting.CopyTo(gathered);
            if (!TrySendNow(gathered.AsSpan(0, length), out var sent))
            {
                waiting.Advance(waiting.Bytes);
                break;
            }

            waiting.Advance(sent);
            if (sent < length)
            {
                return;
            }
        }

        CheckLastSent();
        CheckFlushed();
    }
}
