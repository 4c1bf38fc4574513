namespace ClawEvents.Broker.Transport;

/// <summary>Sockets that have sent their last byte and wait for the far end to close.</summary>
/// <remarks>
/// Closing a socket that has unread bytes resets the connection, and the far end may lose what it had not read yet (RFC 1122, section 4.2.2.13). So the
/// broker ends its direction, drops what still comes, and closes when the far end has closed or after <see cref="MaxTime"/>. Only the reactor's thread uses it.
/// </remarks>
internal sealed class LingeringSockets(TimeProvider time) : ISocketHandler
{
    /// <summary>How often the reactor looks for overdue ones while there are any.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    // In the order of their deadlines, since all have the same time.
    private readonly Queue<(ReactorSocket Socket, long Since)> _sockets = new();

    public bool IsEmpty => _sockets.Count == 0;

    public void Add(ReactorSocket socket)
    {
        socket.Handler = this;
        socket.EndSending();
        _sockets.Enqueue((socket, time.GetTimestamp()));
        socket.ResumeReading();
    }

    /// <summary>Closes those whose time is over, and forgets those that have closed.</summary>
    public void CloseOverdue()
    {
        while (_sockets.TryPeek(out var oldest) && (oldest.Socket.IsClosed || time.GetElapsedTime(oldest.Since) >= MaxTime))
        {
            _sockets.Dequeue();
            oldest.Socket.Close();
        }
    }

    /// <inheritdoc/>
    public void OnReceived(ReactorSocket socket, Memory<byte> bytes)
    {
        // Nobody reads it any more.
    }

    /// <inheritdoc/>
    public void OnWritable(ReactorSocket socket)
    {
        // Nothing is left to send.
    }

    /// <inheritdoc/>
    public void OnEnd(ReactorSocket socket) => socket.Close();
}
