using System.IO.Pipelines;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
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

    private static readonly byte[] PingFrame = [.. TextFrame(MessageCodec.Json.Ping)];

    private readonly ConnectionServices _services;
    private readonly IConnectionLifetimeFeature _lifetime;
    private readonly OutboundQueue _outbound;

    private int _phase = (int)ConnectionPhase.AwaitingConnect;
    private int _closeCode;

    // Written by the wheel's thread (ping) and the receive loop (pong).
    private int _owesPong;

    // The wheel waits for the answer to a ping, and not for the next ping. Only the wheel's thread looks at this.
    private bool _isPongDue;

    // UTC ticks; written by the receive loop, read by the wheel's thread.
    private long _expiresAt = long.MaxValue;
    private FixedWindow _ownRate;

    /// <param name="services">Shared by all connections.</param>
    /// <param name="output">Where frames go; completed by whoever owns the transport, after <see cref="Close"/>.</param>
    /// <param name="lifetime">Cuts the transport when the far end does not let go by itself.</param>
    public ClientConnection(ConnectionServices services, PipeWriter output, IConnectionLifetimeFeature lifetime)
    {
        _services = services;
        _lifetime = lifetime;
        _outbound = new OutboundQueue(output, services.Options.MaxQueuedBytes);
        services.Metrics.ConnectionOpened();
        WaitFor(services.Options.ConnectTimeout);
    }

    /// <summary>Given to the client in the connect reply; unique per connection.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Anonymous until a connect proves somebody else.</summary>
    public Principal Principal { get; private set; } = Principal.Anonymous;

    public ConnectionPhase Phase => (ConnectionPhase)Volatile.Read(ref _phase);

    /// <summary>No command of this connection is carried out any more.</summary>
    public bool IsClosing => Phase >= ConnectionPhase.Closing;

    /// <summary>Enters the connected phase: pings start, and the connection ends when its token does.</summary>
    /// <param name="principal">Proven, or anonymous.</param>
    /// <param name="expiresAt">When the token ends; <see cref="DateTimeOffset.MaxValue"/> when it does not.</param>
    public void Connect(Principal principal, DateTimeOffset expiresAt)
    {
        Principal = principal;
        Prolong(expiresAt);
        if (TryMoveTo(ConnectionPhase.Connected))
        {
            WaitFor(FirstPingDelay(_services.Options.KeepAliveInterval));
        }
    }

    /// <summary>Puts off the connection's end after a new token of the same principal.</summary>
    public void Prolong(DateTimeOffset expiresAt) => Volatile.Write(ref _expiresAt, expiresAt.UtcTicks);

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

    /// <summary>Queues an error reply and counts the refusal.</summary>
    public void SendError(uint id, ErrorCode error)
    {
        _services.Metrics.Refused(error.Code);
        var frame = FrameWriter.Begin();
        MessageCodec.Json.WriteError(frame, id, error);
        Send(frame.Complete(Opcode.Text));
    }

    /// <summary>Keeps what is sent back until <see cref="Uncork"/>: the answers to what one read brought leave in one write.</summary>
    public void Cork() => _outbound.Cork();

    /// <inheritdoc cref="Cork"/>
    public void Uncork() => _outbound.Uncork();

    /// <summary>The client answered a ping.</summary>
    /// <returns>False when no ping was open.</returns>
    public bool TryTakePong() => Interlocked.Exchange(ref _owesPong, 0) == 1;

    /// <summary>Counts a publish of an anonymous connection, which has no name to count by. Called by the receive loop only.</summary>
    public RateWindow CountAnonymousPublish()
    {
        _ownRate = _ownRate.CountOne(_services.Time);
        return _ownRate.Standing;
    }

    /// <inheritdoc/>
    public void Disconnect(DisconnectCode code)
    {
        if (End(code.Code, FrameWriter.Close(code.Code, code.Reason)))
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

    /// <summary>Leaves the hub and the wheel. The last call: nothing is written to the output after it.</summary>
    public void Close()
    {
        _services.Metrics.ConnectionClosed(_closeCode == 0 ? LostTransport : _closeCode);
        Volatile.Write(ref _phase, (int)ConnectionPhase.Closed);
        _services.Wheel.Cancel(this);
        LeaveAll();
        if (!_outbound.End())
        {
            // The far end does not read: the transport would wait for it for good.
            _lifetime.Abort();
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        switch (Phase)
        {
            case ConnectionPhase.AwaitingConnect or ConnectionPhase.Refused:
                Disconnect(DisconnectCode.Stale);
                break;
            case ConnectionPhase.Connected:
                KeepAlive();
                break;
            case ConnectionPhase.Closing:
                _lifetime.Abort();
                break;
        }
    }

    private static ReadOnlySpan<byte> TextFrame(ReadOnlySpan<byte> payload)
    {
        var frame = FrameWriter.Begin();
        payload.CopyTo(frame.GetSpan(payload.Length));
        frame.Advance(payload.Length);
        return frame.Complete(Opcode.Text);
    }

    // Between half and a full interval, so that those who came together do not stay together.
    private static TimeSpan FirstPingDelay(TimeSpan interval) => interval * (0.5 + (Random.Shared.NextDouble() / 2));

    // Pings and the waits for their answers alternate; the pong limit is shorter than the ping interval (BrokerOptions sees to it).
    private void KeepAlive()
    {
        var options = _services.Options;
        if (_services.Time.GetUtcNow().UtcTicks - Volatile.Read(ref _expiresAt) > options.ExpiredCloseDelay.Ticks)
        {
            Disconnect(DisconnectCode.ConnectionExpired);
        }
        else if (options.PingInterval == TimeSpan.Zero)
        {
            WaitForNext(options.KeepAliveInterval);
        }
        else if (_isPongDue)
        {
            _isPongDue = false;
            AfterPongLimit(options);
        }
        else
        {
            _isPongDue = true;
            Volatile.Write(ref _owesPong, 1);
            Send(PingFrame);
            WaitForNext(options.PongTimeout);
        }
    }

    private void AfterPongLimit(BrokerOptions options)
    {
        if (Volatile.Read(ref _owesPong) == 1)
        {
            Disconnect(DisconnectCode.NoPong);
        }
        else
        {
            WaitForNext(options.PingInterval - options.PongTimeout);
        }
    }

    // From the first phase only; how a connection ends is BeginClosing's and Close's.
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

    private void WaitFor(TimeSpan delay)
    {
        _services.Wheel.Schedule(this, delay);
        CancelIfClosed();
    }

    private void WaitForNext(TimeSpan delay)
    {
        _services.Wheel.ScheduleNext(this, delay);
        CancelIfClosed();
    }

    private void CancelIfClosed()
    {
        if (Phase is ConnectionPhase.Closed)
        {
            // It was closed meanwhile, and its cancelling may have come before the scheduling.
            _services.Wheel.Cancel(this);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Disconnecting {ConnectionId}: {Code} {Reason}")]
        public static partial void Disconnecting(ILogger logger, Guid connectionId, int code, string reason);

        [LoggerMessage(2, LogLevel.Error, "Connection {ConnectionId} failed.")]
        public static partial void Failed(ILogger logger, Exception exception, Guid connectionId);
    }
}
