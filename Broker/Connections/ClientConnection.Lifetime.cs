using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Connections;

// How a connection goes from phase to phase, and how long each may last.
internal sealed partial class ClientConnection
{
    // RFC 6455, section 7.1.5: the code of a connection that ended without a close frame; never on the wire.
    private const int LostTransport = 1006;

    private readonly IConnectionLifetimeFeature _lifetime;
    private int _closeCode;

    /// <summary>Enters the connected phase: pings start, and the connection ends when its token does.</summary>
    public void Connect()
    {
        ConnectedAt = Services.Time.GetTimestamp();
        if (TryMoveTo(ConnectionPhase.Connected))
        {
            ConnectionLog.Connected(this);
            Services.Connections.Add(this);
            Schedule(KeepAlive.FirstDelay(Services.Options));
            Volatile.Read(ref _expiry)?.Start();
        }
    }

    /// <summary>Ends the wait for a connect that was answered with an error: the client has to open another connection.</summary>
    public void Refuse() => TryMoveTo(ConnectionPhase.Refused);

    /// <inheritdoc/>
    public void Disconnect(DisconnectCode code)
    {
        (_lifetime as IEndListener)?.OnEnding(code.Code, code.Reason);
        if (TryEnd(code.Code, Wire.Close(code, Services.Transports.SendsUniDisconnectPush, Services.Transports.SendsUniCloseFrame)))
        {
            Services.Metrics.Disconnected(code.Code);
            ConnectionLog.Disconnecting(this, code);
        }
    }

    /// <inheritdoc/>
    public void OnStalled() => Services.Writes.Add(this);

    /// <summary>Ends the connection because of a fault of the broker.</summary>
    public void Fail(Exception exception)
    {
        ConnectionLog.Failed(this, exception);
        Disconnect(DisconnectCode.InternalServerError);
    }

    /// <summary>Answers the client's close frame with the same code, or ends the wait for it.</summary>
    public void AcknowledgeClose(int code) => TryEnd(code, FrameWriter.Close(code, ""));

    /// <summary>Ends the transport without a close frame.</summary>
    public void Abort() => _lifetime.Abort();

    /// <summary>Waits until the transport has the broker's close frame, which may be behind what the far end is slow to read. For a connection that is closing: its time limit ends the wait.</summary>
    public Task WhenCloseSent() => Outbound.WhenFlushed();

    /// <summary>Leaves the hub and the wheel. The last call: when it is done nothing is written to the output any more, which may be completed.</summary>
    public async ValueTask CloseAsync()
    {
        var code = _closeCode == 0 ? LostTransport : _closeCode;
        Services.Metrics.ConnectionClosed(code);
        ConnectionLog.Closed(this, code);

        // A full fence: another thread that subscribes this connection adds first and looks at the phase then.
        Interlocked.Exchange(ref _phase, (int)ConnectionPhase.Closed);
        Services.Wheel.Cancel(this);
        if (Volatile.Read(ref _expiry) is { } expiry)
        {
            Services.Wheel.Cancel(expiry);
        }

        Services.Connections.Remove(this);
        var leaving = Subscriptions.LeaveAllAsync();
        if (!Outbound.End())
        {
            // The far end does not read: the transport would wait for it forever.
            _lifetime.Abort();
            await Outbound.WhenFlushed();
        }

        await leaving;
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
                _keepAlive.OnDue(this);
                break;
            case ConnectionPhase.Closing:
                _lifetime.Abort();
                break;
        }
    }

    /// <summary>Waits again, counted from when it was due last. For use in <see cref="OnDue"/>.</summary>
    public void ScheduleNext(TimeSpan delay)
    {
        Services.Wheel.ScheduleNext(this, delay);
        CancelIfClosed();
    }

    private void Schedule(TimeSpan delay)
    {
        Services.Wheel.Schedule(this, delay);
        CancelIfClosed();
    }

    private void CancelIfClosed()
    {
        if (Phase is ConnectionPhase.Closed)
        {
            // It was closed meanwhile, and its cancelling may have come before the scheduling.
            Services.Wheel.Cancel(this);
        }
    }

    // From the first phase only; the later phases are set by BeginClosing and CloseAsync.
    private bool TryMoveTo(ConnectionPhase phase) =>
        Interlocked.CompareExchange(ref _phase, (int)phase, (int)ConnectionPhase.AwaitingConnect) == (int)ConnectionPhase.AwaitingConnect;

    private bool TryEnd(int code, byte[] closeFrame)
    {
        // The first code counts, and it is known before the far end can be gone because of it.
        if (Interlocked.CompareExchange(ref _closeCode, code, 0) != 0)
        {
            return false;
        }

        BeginClosing();
        if (!Outbound.TryEnd(closeFrame))
        {
            return false;
        }

        Schedule(Services.Options.CloseTimeout);
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
}
