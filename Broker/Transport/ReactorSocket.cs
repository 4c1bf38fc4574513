namespace ClawEvents.Broker.Transport;

/// <summary>A connected socket that lives on one reactor.</summary>
/// <remarks>
/// <see cref="Send"/> and <see cref="Abort"/> may be called from any thread, but not at the same time as, or after, <see cref="Close"/>: its owner has one gate for
/// all of them. The other members are for the reactor's thread. No buffer belongs to it: what is not sent is the owner's to keep.
/// </remarks>
internal sealed unsafe class ReactorSocket(Reactor reactor, int descriptor)
{
    private const int Closed = -1;

    private int _descriptor = descriptor;
    private bool _isPaused;

    // The system has, or may have, more to read: with edge-triggered events it does not say so again.
    private bool _mayRead;
    private bool _isHungUp;

    public Reactor Reactor { get; } = reactor;

    /// <summary>Whom events are reported to; a connection hands its socket on by changing it.</summary>
    public ISocketHandler Handler { get; set; } = null!;

    /// <summary>See <see cref="SlotTable"/>.</summary>
    public ulong Number { get; set; }

    public bool IsClosed => _descriptor == Closed;

    /// <summary>The end was reported to the handler.</summary>
    public bool HasEnded { get; private set; }

    public int Descriptor => _descriptor;

    /// <summary>Reads what <see cref="Send"/> needs.</summary>
    public void Prefetch() => Volatile.Read(ref _descriptor);

    /// <summary>Sends what the system takes now.</summary>
    /// <returns>The number of bytes it took, 0 to all of them; -1 when the connection is lost.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return SendSome(start, bytes.Length);
        }
    }

    private int SendSome(byte* start, int length)
    {
        while (true)
        {
            var sent = Native.Send(_descriptor, start, (nuint)length, Native.NoSignal);
            if (sent >= 0)
            {
                Reactor.CountSent((int)sent);
                return (int)sent;
            }

            switch (Native.LastError)
            {
                case Errno.Interrupted:
                    continue;
                case Errno.WouldBlock or Errno.NoBuffers:
                    return 0;
                default:
                    return -1;
            }
        }
    }

    /// <summary>Ends both directions; the reactor then reports the end to the handler.</summary>
    public void Abort() => Native.Shutdown(_descriptor, Native.ShutdownBoth);

    /// <summary>Says that nothing more is sent: the far end reads an end of stream after what was sent.</summary>
    public void EndSending() => Native.Shutdown(_descriptor, Native.ShutdownWrite);

    /// <summary>Closes the descriptor. May be called twice.</summary>
    public void Close()
    {
        if (_descriptor != Closed)
        {
            Reactor.Forget(this);
            Native.Close(_descriptor);
            _descriptor = Closed;
        }
    }

    /// <summary>Reads no more until <see cref="ResumeReading"/>; the far end's bytes wait in the system.</summary>
    public void PauseReading() => _isPaused = true;

    public void ResumeReading()
    {
        _isPaused = false;
        if (_mayRead)
        {
            Reactor.ReadSoon(this);
        }
    }

    /// <summary>Called by the reactor with what epoll reports.</summary>
    public void OnReady(Readiness readiness)
    {
        if ((readiness & (Readiness.Writable | Readiness.HangUp | Readiness.Error)) != 0)
        {
            Handler.OnWritable(this);
        }

        if ((readiness & ~Readiness.Writable) != 0)
        {
            _mayRead = true;
            _isHungUp |= (readiness & (Readiness.ReadHangUp | Readiness.HangUp | Readiness.Error)) != 0;
            Read();
        }
    }

    /// <summary>Reads once and reports it. What is still there is read in the reactor's next round, so that others come in between.</summary>
    public void Read()
    {
        if (_isPaused || IsClosed || !_mayRead || HasEnded)
        {
            return;
        }

        var free = Reactor.ReceiveBuffer.Free;
        var length = Receive(free.Span);
        if (length == 0)
        {
            HasEnded = true;
            Handler.OnEnd(this);
            return;
        }

        // Less than there was room for: that was all, unless the end comes after it.
        _mayRead = length > 0 && (length == free.Length || _isHungUp);
        if (length > 0)
        {
            Handler.OnReceived(this, free[..length]);
        }

        if (_mayRead && !_isPaused && !IsClosed)
        {
            Reactor.ReadSoon(this);
        }
    }

    // 0 at the end, -1 when there is nothing to read now.
    private int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var length = Native.Receive(_descriptor, start, (nuint)buffer.Length, 0);
                if (length >= 0)
                {
                    Reactor.CountReceived((int)length);
                    return (int)length;
                }

                var error = Native.LastError;
                if (error is not Errno.Interrupted)
                {
                    return error is Errno.WouldBlock ? -1 : 0;
                }
            }
        }
    }
}
