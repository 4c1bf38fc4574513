using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Transport;

/// <summary>One thread that does all that happens on its sockets: accepts, reads, carries out commands, and sends.</summary>
/// <remarks>
/// DESIGN. One epoll with edge-triggered events, one buffer to read into, one for answers (<see cref="Cork"/>). Whatever other threads want of its connections
/// they put into its <see cref="Mailbox"/>, in one order. Each pass of the loop takes the events, then those that had more to read, then the mailbox, then one turn
/// of a connection that asks for more than its share: so no connection waits for another one's flood, and nothing is refused.
/// <para>An exception of a handler ends that connection and is counted. One of the loop itself ends the reactor, and with it the process: connections that nobody
/// serves would look healthy. <see cref="Post"/> and <see cref="PostBatched"/> are thread-safe, the others belong to the reactor's thread.</para>
/// </remarks>
internal sealed unsafe partial class Reactor : ITurnLane
{
    private const int EventsPerPass = 512;

    // Numbers of what is no socket: above any generation of the slot table.
    private const ulong MailboxNumber = ulong.MaxValue;
    private const ulong FirstListenerNumber = (ulong)uint.MaxValue << 32;

    private readonly ReactorSettings _settings;
    private readonly SlotTable _slots = new();
    private readonly Mailbox _mailbox;
    private readonly List<AcceptingSocket> _listeners = [];
    private readonly Queue<ReactorSocket> _readable = new();
    private readonly Queue<Action> _slow = new();
    private readonly LingeringSockets _lingering;
    private readonly int _epoll;
    private readonly int _wakeUp;
    private readonly Thread _thread;
    private int _threadId;
    private bool _isStopping;
    private long _faults;
    private long _turns;
    private long _received;
    private long _sent;
    private long _sentByOthers;

    /// <param name="index">Among the reactors of this process, from 0.</param>
    /// <exception cref="IOException">The system gives no more descriptors.</exception>
    public Reactor(int index, ReactorSettings settings)
    {
        Index = index;
        _settings = settings;
        _mailbox = new Mailbox(WakeUp);
        _lingering = new LingeringSockets(settings.Time);
        _epoll = Checked(Native.EpollCreate(Native.CloseOnExec), "epoll_create1");
        _wakeUp = Checked(Native.EventDescriptor(0, Native.CloseOnExec | Native.NonBlocking), "eventfd");
        Watch(_wakeUp, Readiness.Readable, MailboxNumber);
        _thread = new Thread(Run) { IsBackground = true, Name = $"reactor {index}" };
    }

    public int Index { get; }

    /// <summary>Whether the caller runs on this reactor's thread.</summary>
    public bool IsCurrent => _threadId == Environment.CurrentManagedThreadId;

    public ReceiveBuffer ReceiveBuffer { get; } = new();

    public Cork Cork { get; } = new();

    /// <summary>Exceptions that ended one connection or one piece of work.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Passes of the loop.</summary>
    public long Turns => Volatile.Read(ref _turns);

    /// <summary>Bytes that its sockets have received, also those of handshakes and HTTP.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Bytes that its sockets have sent.</summary>
    public long Sent => Volatile.Read(ref _sent) + Interlocked.Read(ref _sentByOthers);

    public void Start() => _thread.Start();

    /// <summary>Has work done on this thread, after what was posted before.</summary>
    public void Post(Action work) => _mailbox.Add(new(work));

    /// <summary>Adds an item to a batch, after what was posted before.</summary>
    public void PostBatched(IReactorBatch batch, object item) => _mailbox.Add(new(null, batch, item));

    /// <summary>Waits while so much is posted that more would only make a longer queue.</summary>
    /// <returns>Complete when there is room. Never fails.</returns>
    public Task WhenRoom() => _mailbox.WhenRoom();

    /// <inheritdoc/>
    /// <remarks>The turn is on this thread, when those that ask for less have had theirs.</remarks>
    public void Enqueue(Action turn)
    {
        if (IsCurrent)
        {
            _slow.Enqueue(turn);
        }
        else
        {
            Post(() => _slow.Enqueue(turn));
        }
    }

    /// <summary>Adds a connected socket.</summary>
    public void Add(ReactorSocket socket)
    {
        socket.Number = _slots.Add(socket);
        Watch(socket.Descriptor, Readiness.Readable | Readiness.Writable | Readiness.ReadHangUp | Readiness.EdgeTriggered, socket.Number);
    }

    /// <summary>Called by a socket that closes.</summary>
    public void Forget(ReactorSocket socket)
    {
        _slots.Remove(socket.Number);
        _settings.Gate.Leave();
    }

    /// <summary>Reads a socket in the next pass.</summary>
    public void ReadSoon(ReactorSocket socket) => _readable.Enqueue(socket);

    /// <summary>Closes a socket when the far end has closed its side, or after a moment: closing it earlier could take what was sent last from it.</summary>
    public void CloseAfterPeer(ReactorSocket socket)
    {
        if (socket.HasEnded)
        {
            socket.Close();
        }
        else
        {
            _lingering.Add(socket);
        }
    }

    /// <summary>Accepts connections of a listening socket.</summary>
    public void Listen(AcceptingSocket listener)
    {
        Watch(listener.Descriptor, listener.Readiness, FirstListenerNumber + (uint)_listeners.Count);
        _listeners.Add(listener);
    }

    private void Run()
    {
        _threadId = Environment.CurrentManagedThreadId;
        SynchronizationContext.SetSynchronizationContext(new ReactorContext(this));
        try
        {
            var events = stackalloc byte[EventsPerPass * EpollEvents.Size];
            while (!_isStopping)
            {
                var count = Wait(events);
                Volatile.Write(ref _turns, _turns + 1);
                _mailbox.Awake();
                for (var i = 0; i < count; i++)
                {
                    var at = events + (i * EpollEvents.Size);
                    Handle(EpollEvents.DataAt(at), EpollEvents.ReadinessAt(at));
                }

                ReadAgain();
                EmptyMailbox();
                DoOneSlowly();
                _lingering.CloseOverdue();
            }

            End();
        }
        catch (Exception exception)
        {
            _settings.Died(Index, exception);
        }
    }

    private int Wait(byte* events)
    {
        var count = Native.EpollWait(_epoll, events, EventsPerPass, TimeToWait());
        return count < 0 && Native.LastError is not Errno.Interrupted ? throw Native.LastError.ToException("epoll_wait") : count;
    }

    // Milliseconds; -1: until something happens.
    private int TimeToWait() =>
        _readable.Count > 0 || _slow.Count > 0 || _listeners.Exists(listener => listener.HasMore) || !_mailbox.TrySleep() ? 0
        : _lingering.IsEmpty && !_listeners.Exists(listener => listener.IsStarved) ? -1
        : (int)LingeringSockets.Tick.TotalMilliseconds;

    private void Handle(ulong number, Readiness readiness)
    {
        if (number == MailboxNumber)
        {
            ulong count;
            Native.Read(_wakeUp, &count, sizeof(ulong));
        }
        else if (number >= FirstListenerNumber)
        {
            Accept(_listeners[(int)(uint)number]);
        }
        else if (_slots.Find(number) is { } socket)
        {
            Handle(socket, readiness);
        }
    }

    private void Handle(ReactorSocket socket, Readiness readiness)
    {
        try
        {
            socket.OnReady(readiness);
        }
        catch (Exception exception)
        {
            OnFault(exception, socket);
        }
    }

    private void Accept(AcceptingSocket listener)
    {
        try
        {
            listener.Accept(this);
        }
        catch (Exception exception)
        {
            OnFault(exception, null);
        }
    }

    private void ReadAgain()
    {
        foreach (var listener in _listeners)
        {
            if (listener.HasMore || listener.IsStarved)
            {
                Accept(listener);
            }
        }

        // Those that are added meanwhile have had their read in this pass.
        for (var left = _readable.Count; left > 0; left--)
        {
            Handle(_readable.Dequeue(), Readiness.Readable);
        }
    }

    /// <summary>Counts bytes of <see cref="Received"/>. On the reactor's thread.</summary>
    public void CountReceived(int bytes) => Volatile.Write(ref _received, _received + bytes);

    /// <summary>Counts bytes of <see cref="Sent"/>. On any thread.</summary>
    public void CountSent(int bytes)
    {
        if (IsCurrent)
        {
            Volatile.Write(ref _sent, _sent + bytes);
        }
        else
        {
            Interlocked.Add(ref _sentByOthers, bytes);
        }
    }

    /// <summary>Counts a failure that is logged elsewhere. On the reactor's thread.</summary>
    public void CountFault() => Interlocked.Increment(ref _faults);

    /// <summary>Counts and logs what has failed.</summary>
    public void Report(Exception exception)
    {
        CountFault();
        Log.Fault(_settings.Logger, exception, Index);
    }

    private void OnFault(Exception exception, ReactorSocket? socket)
    {
        Report(exception);
        Cork.Owner?.Uncork();
        if (socket is { IsClosed: false, HasEnded: false })
        {
            // The handler learns of the end, and gives back what it holds.
            socket.Abort();
        }
        else
        {
            socket?.Close();
        }
    }

    private void WakeUp()
    {
        ulong one = 1;
        Native.Write(_wakeUp, &one, sizeof(ulong));
    }

    private void Watch(int descriptor, Readiness readiness, ulong number)
    {
        var epollEvent = stackalloc byte[EpollEvents.Size];
        EpollEvents.Write(epollEvent, readiness, number);
        Checked(Native.EpollControl(_epoll, Native.EpollAdd, descriptor, epollEvent), "epoll_ctl");
    }

    private static int Checked(int result, string call) => result >= 0 ? result : throw Native.LastError.ToException(call);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Reactor {Index}: a connection or a piece of work failed; the others go on.")]
        public static partial void Fault(ILogger logger, Exception exception, int index);
    }
}
