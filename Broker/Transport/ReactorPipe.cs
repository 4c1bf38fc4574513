using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Transport;

/// <summary>A socket of a reactor as Kestrel sees it: two pipes.</summary>
/// <remarks>
/// The reactor reads into the first pipe, and stops reading while it is full; a task sends what Kestrel writes into the second. Between
/// <see cref="DisposeAsync"/> and its end nothing sends any more, so the descriptor is closed by its reactor alone.
/// </remarks>
internal sealed class ReactorPipe : ConnectionContext, ISocketHandler
{
    private const int MinSegmentBytes = 4096;

    private readonly ReactorSocket _socket;
    private readonly Pipe _received;
    private readonly Pipe _toSend;
    private readonly PipeFeatures _features;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _sending;

    // Set by the sender, while the system takes no more; completed by the reactor.
    private TaskCompletionSource? _writable;
    private ValueTask<FlushResult> _flush;
    private bool _isReceivedComplete;
    private volatile bool _isAborted;

    /// <param name="socket">Becomes this object's.</param>
    /// <param name="maxBytes">That the first pipe holds before the reactor stops reading.</param>
    public ReactorPipe(ReactorSocket socket, System.Net.EndPoint? local, System.Net.EndPoint? remote, int maxBytes)
    {
        _socket = socket;
        socket.Handler = this;
        _received = new(new PipeOptions(
            readerScheduler: PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: maxBytes,
            resumeWriterThreshold: maxBytes / 2,
            minimumSegmentSize: MinSegmentBytes,
            useSynchronizationContext: false));
        _toSend = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.ThreadPool, useSynchronizationContext: false));
        Transport = new DuplexPipe(_received.Reader, _toSend.Writer);
        ConnectionClosed = _closed.Token;
        (LocalEndPoint, RemoteEndPoint) = (local, remote);
        _features = new PipeFeatures(this);
        _sending = Task.Run(SendAsync);
    }

    /// <inheritdoc/>
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => field ??= ConnectionIds.Next();
        set;
    }

    /// <inheritdoc/>
    public override Microsoft.AspNetCore.Http.Features.IFeatureCollection Features => _features.Collection;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => field ??= new Dictionary<object, object?>();
        set;
    }

    /// <summary>Puts bytes that were read before into the pipe. On the reactor's thread.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_isReceivedComplete)
        {
            return;
        }

        bytes.CopyTo(_received.Writer.GetSpan(bytes.Length));
        _received.Writer.Advance(bytes.Length);
        Flush();
    }

    /// <inheritdoc/>
    public void OnReceived(ReactorSocket socket, Memory<byte> bytes) => Feed(bytes.Span);

    /// <inheritdoc/>
    public void OnWritable(ReactorSocket socket) => Interlocked.Exchange(ref _writable, null)?.TrySetResult();

    /// <inheritdoc/>
    public void OnEnd(ReactorSocket socket)
    {
        CompleteReceived();
        OnWritable(socket);
        ThreadPool.UnsafeQueueUserWorkItem(static pipe => pipe.CancelClosed(), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        _isAborted = true;
        _toSend.Reader.CancelPendingRead();
        _socket.Reactor.Post(AbortSocket);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _received.Reader.CompleteAsync();
        await _toSend.Writer.CompleteAsync();
        await _sending;
        _socket.Reactor.Post(Leave);
        await _left.Task;
        CancelClosed();
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private void Resume()
    {
        CheckReader(_flush.Result);
        _socket.ResumeReading();
    }

    private void AbortSocket()
    {
        if (!_socket.IsClosed)
        {
            _socket.Abort();
            OnWritable(_socket);
        }
    }

    private void Leave()
    {
        CompleteReceived();
        if (_isAborted)
        {
            _socket.Close();
        }
        else
        {
            _socket.Reactor.CloseAfterPeer(_socket);
        }

        _left.TrySetResult();
    }

    private void Flush()
    {
        var flush = _received.Writer.FlushAsync();
        if (flush.IsCompleted)
        {
            CheckReader(flush.Result);
        }
        else
        {
            _socket.PauseReading();
            _flush = flush;
            _flush.GetAwaiter().UnsafeOnCompleted(() => _socket.Reactor.Post(Resume));
        }
    }

    // Kestrel may read no more; the end of the connection is still of interest.
    private void CheckReader(FlushResult flush)
    {
        if (flush.IsCompleted)
        {
            CompleteReceived();
        }
    }

    private void CompleteReceived()
    {
        if (!_isReceivedComplete)
        {
            _isReceivedComplete = true;
            _received.Writer.Complete();
        }
    }

    private void CancelClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Kestrel has let go of the connection at the same time.
        }
    }

    private async Task SendAsync()
    {
        var reader = _toSend.Reader;
        var isWell = true;
        while (isWell)
        {
            var read = await reader.ReadAsync();
            isWell = !read.IsCanceled && !_isAborted;
            foreach (var segment in read.Buffer)
            {
                isWell = isWell && await SendAsync(segment);
            }

            reader.AdvanceTo(read.Buffer.End);
            isWell &= !read.IsCompleted;
        }

        // Kestrel learns with its next write that nobody is there.
        await reader.CompleteAsync();
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = _isAborted ? -1 : _socket.Send(bytes.Span);
            if (sent < 0)
            {
                return false;
            }

            bytes = bytes[sent..];
            if (!bytes.IsEmpty && await TrySendWhenWritableAsync(bytes) is var more and not 0)
            {
                if (more < 0)
                {
                    return false;
                }

                bytes = bytes[more..];
            }
        }

        return true;
    }

    // The system may have become writable before the reactor knew that somebody waits: so it is tried once more in between.
    private async ValueTask<int> TrySendWhenWritableAsync(ReadOnlyMemory<byte> bytes)
    {
        var writable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _writable, writable);
        var sent = _isAborted ? -1 : _socket.Send(bytes.Span);
        if (sent == 0)
        {
            await writable.Task;
        }

        return sent;
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
