using System.IO.Pipelines;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Connections;

/// <summary>One client, from its upgrade to its end: who it is, what it listens to, and what waits to be sent to it.</summary>
/// <remarks>
/// Commands of one connection run one after another, on its receive loop. Pushes, disconnects and ended subscriptions come from any
/// thread. Kept small: the broker's memory is mostly this object, its queue and the transport's own state.
/// </remarks>
internal sealed partial class ClientConnection : TimerNode, ISubscriber
{
    // RFC 6455, section 7.1.5: the code of a connection that ended without a close frame; never on the wire.
    private const int LostTransport = 1006;

    private readonly ConnectionServices _services;
    private readonly IConnectionLifetimeFeature _lifetime;
    private readonly OutboundQueue _outbound;

    private int _phase = (int)ConnectionPhase.AwaitingConnect;
    private int _closeCode;

    // Made when it is asked for first: most anonymous connections need none.
    private ClientInfo? _info;
    private FixedWindow _ownRate;

    /// <param name="services">Shared by all connections.</param>
    /// <param name="wire">How messages travel on the transport.</param>
    /// <param name="output">Where frames go; completed by whoever owns the transport, after <see cref="CloseAsync"/>.</param>
    /// <param name="lifetime">Cuts the transport when the far end does not let go by itself.</param>
    public ClientConnection(ConnectionServices services, Wire wire, PipeWriter output, IConnectionLifetimeFeature lifetime)
        : this(services, wire, new OutboundQueue(output, services.Options.MaxQueuedBytes), lifetime)
    {
    }

    /// <param name="services">Shared by all connections.</param>
    /// <param name="wire">How messages travel on the transport.</param>
    /// <param name="outbound">Of this connection alone.</param>
    /// <param name="lifetime">Cuts the transport when the far end does not let go by itself.</param>
    public ClientConnection(ConnectionServices services, Wire wire, OutboundQueue outbound, IConnectionLifetimeFeature lifetime)
    {
        _services = services;
        Wire = wire;
        _lifetime = lifetime;
        _outbound = outbound;
        services.Metrics.ConnectionOpened();
        WaitFor(services.Options.ConnectTimeout);
    }

    /// <summary>Given to the client in the connect reply; unique per connection.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Anonymous until a connect proves somebody else.</summary>
    public Principal Principal { get; private set; } = Principal.Anonymous;

    /// <inheritdoc/>
    public Wire Wire { get; }

    /// <summary>Told to the client alone, on all transports but a bidirectional WebSocket: whoever knows it speaks for the client. Null: none.</summary>
    public string? Session { get; init; }

    /// <summary>What commands are read and replies are written with.</summary>
    public MessageCodec Codec => Wire.Codec;

    /// <summary>What others are shown of the client.</summary>
    public ClientInfo Info => _info ??= new(Principal.Name, Id);

    public ConnectionPhase Phase => (ConnectionPhase)Volatile.Read(ref _phase);

    /// <summary>No command of this connection is carried out any more.</summary>
    public bool IsClosing => Phase >= ConnectionPhase.Closing;

    /// <summary>Tells who the client is: before <see cref="Connect"/>, and when it has brought a new token of the same principal.</summary>
    public void Identify(ConnectionIdentity identity)
    {
        Principal = identity.Principal;
        Show(identity.Info);
        Remember(identity);
        Prolong(identity.ExpiresAt);
    }

    /// <summary>Takes what a back end says of a connection that goes on. Thread-safe.</summary>
    /// <param name="expiresAt">Its new end; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
    /// <param name="info">In the place of what is shown with the client; empty: that stays.</param>
    /// <param name="meta">In the place of the connection's meta; empty: that stays.</param>
    public void Renew(DateTimeOffset expiresAt, ReadOnlyMemory<byte> info, ReadOnlyMemory<byte> meta)
    {
        if (!info.IsEmpty)
        {
            Show(info);
        }

        Tell(meta);
        Prolong(expiresAt);
    }

    /// <summary>Enters the connected phase: pings start, and the connection ends when its token does.</summary>
    public void Connect()
    {
        if (TryMoveTo(ConnectionPhase.Connected))
        {
            _services.Connections.Add(this);
            WaitFor(FirstPingDelay(_services.Options.KeepAliveInterval));
        }
    }

    /// <summary>A connect was answered with an error: the client has to start anew.</summary>
    public void Refuse() => TryMoveTo(ConnectionPhase.Refused);

    /// <summary>Queues one reply or push of this connection's own.</summary>
    /// <param name="frame">A whole frame; copied.</param>
    public void Send(ReadOnlySpan<byte> frame)
    {
        if (!_outbound.TryEnqueue(frame))
        {
            Disconnect(DisconnectCode.Slow);
        }
    }

    /// <summary>Queues one reply or push of this connection's own.</summary>
    /// <param name="message">This thread's, with one message of <see cref="Codec"/> in it.</param>
    /// <param name="isWritten">What a Try of the codec gave: without success the client cannot be told in its encoding, and the connection ends.</param>
    public void Send(FrameWriter message, bool isWritten = true)
    {
        if (isWritten)
        {
            Send(Complete(message));
        }
        else
        {
            Disconnect(DisconnectCode.InappropriateProtocol);
        }
    }

    /// <summary>Finishes a message of this connection's own.</summary>
    /// <inheritdoc cref="Wire.Complete"/>
    public ReadOnlySpan<byte> Complete(FrameWriter message) => Wire.Complete(message, _services.Options.Transports.CompressionMinBytes);

    /// <summary>Queues an error reply and counts the refusal.</summary>
    public void SendError(uint id, ErrorCode error)
    {
        _services.Metrics.Refused(error.Code);
        if (Wire.IsUnidirectional)
        {
            // There are no replies, and the only command there is has failed.
            Disconnect(DisconnectCode.InPlaceOf(error));
            return;
        }

        var message = FrameWriter.Begin();
        Codec.WriteError(message, id, error);
        Send(message);
    }

    /// <summary>Keeps what is sent back until <see cref="Uncork"/>: the answers to what one read brought leave in one write.</summary>
    public void Cork() => _outbound.Cork();

    /// <inheritdoc cref="Cork"/>
    public void Uncork() => _outbound.Uncork();

    /// <summary>Counts a publish of an anonymous connection, which has no name to count by. Called by the receive loop only.</summary>
    public RateWindow CountAnonymousPublish()
    {
        _ownRate = _ownRate.CountOne(_services.Time);
        return _ownRate.Standing;
    }

    /// <inheritdoc/>
    public void Disconnect(DisconnectCode code)
    {
        if (End(code.Code, Wire.Close(code)))
        {
            Log.Disconnecting(_services.Logger, Id, code.Code, code.Reason);
        }
    }

    /// <summary>Ends the connection because of a fault of the broker.</summary>
    public void Fail(Exception exception)
    {
        Log.Failed(_services.Logger, exception, Id);
        Disconnect(DisconnectCode.InternalServerError);
    }

    /// <summary>Answers the client's close frame with the same code, or ends the wait for it.</summary>
    public void AcknowledgeClose(int code) => End(code, FrameWriter.Close(code, ""));

    /// <summary>Leaves the hub and the wheel. The last call: when it is done nothing is written to the output any more, which may be completed.</summary>
    public async ValueTask CloseAsync()
    {
        _services.Metrics.ConnectionClosed(_closeCode == 0 ? LostTransport : _closeCode);

        // A full fence: whoever subscribes this connection from elsewhere adds first and looks at the phase then.
        Interlocked.Exchange(ref _phase, (int)ConnectionPhase.Closed);
        _services.Wheel.Cancel(this);
        _services.Connections.Remove(this);
        var leaving = LeaveAllAsync();
        if (!_outbound.End())
        {
            // The far end does not read: the transport would wait for it for good.
            _lifetime.Abort();
            await _outbound.WhenFlushed();
        }

        await leaving;
    }

    private void Show(ReadOnlyMemory<byte> info) => _info = info.IsEmpty ? null : new(Principal.Name, Id, info);

    // From the first phase only; how a connection ends is BeginClosing's and CloseAsync's.
    private bool TryMoveTo(ConnectionPhase phase) =>
        Interlocked.CompareExchange(ref _phase, (int)phase, (int)ConnectionPhase.AwaitingConnect) == (int)ConnectionPhase.AwaitingConnect;

    private bool End(int code, byte[] closeFrame)
    {
        // The first code counts, and it is known before the far end can be gone because of it.
        if (Interlocked.CompareExchange(ref _closeCode, code, 0) != 0)
        {
            return false;
        }

        BeginClosing();
        if (!_outbound.TryEnd(closeFrame))
        {
            return false;
        }

        WaitFor(_services.Options.CloseTimeout);
        return true;
    }

    private void BeginClosing()
    {
        int phase;
        do
        {
            phase = Volatile.Read(ref _phase);
        }
        while (phase < (int)ConnectionPhase.Closing
            && Interlocked.CompareExchange(ref _phase, (int)ConnectionPhase.Closing, phase) != phase);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Disconnecting {ConnectionId}: {Code} {Reason}")]
        public static partial void Disconnecting(ILogger logger, Guid connectionId, int code, string reason);

        [LoggerMessage(2, LogLevel.Error, "Connection {ConnectionId} failed.")]
        public static partial void Failed(ILogger logger, Exception exception, Guid connectionId);
    }
}
