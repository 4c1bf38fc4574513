using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

// What time does to a connection: pings and the waits for their answers, the end of its token, and the limits of its beginning and end.
internal sealed partial class ClientConnection
{
    private static readonly byte[] NativePing = FrameWriter.Begin().Complete(Opcode.Ping).ToArray();

    // Written by the wheel's thread (ping) and the receive loop (pong).
    private int _owesPong;

    // The wheel waits for the answer to a ping, and not for the next ping. Only the wheel's thread looks at this.
    private bool _isPongDue;

    // UTC ticks; written by the receive loop, read by the wheel's thread.
    private long _expiresAt = long.MaxValue;

    /// <summary>Puts off the connection's end after a new token of the same principal. Thread-safe.</summary>
    public void Prolong(DateTimeOffset expiresAt) => Volatile.Write(ref _expiresAt, expiresAt.UtcTicks);

    /// <summary>Pings are those of RFC 6455, and not messages of the client protocol.</summary>
    public bool PingsNatively { get; init; }

    private bool PongsAreFrames => PingsNatively || Wire.PongsAreFrames;

    /// <summary>The client answered a ping, with an empty command.</summary>
    /// <returns>False when no such ping was open.</returns>
    public bool TryTakePong() => !PongsAreFrames && Interlocked.Exchange(ref _owesPong, 0) == 1;

    /// <summary>The client sent a pong frame, which it may at any time (RFC 6455, section 5.5.3).</summary>
    public void TakeNativePong()
    {
        if (PongsAreFrames)
        {
            Volatile.Write(ref _owesPong, 0);
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

    // Between half and a full interval, so that those who came together do not stay together.
    private static TimeSpan FirstPingDelay(TimeSpan interval) => interval * (0.5 + (Random.Shared.NextDouble() / 2));

    // Pings and the waits for their answers alternate; the pong limit is shorter than the ping interval (BrokerOptions sees to it).
    private void KeepAlive()
    {
        var options = _services.Options;
        if (IsOver(options))
        {
            Disconnect(DisconnectCode.ConnectionExpired);
        }
        else if (options.PingInterval == TimeSpan.Zero)
        {
            WaitForNext(options.KeepAliveInterval);
        }
        else if (Wire.NeverPongs)
        {
            Send(Wire.Ping);
            WaitForNext(options.PingInterval);
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
            Send(PingsNatively ? NativePing : Wire.Ping);
            WaitForNext(options.PongTimeout);
        }
    }

    private bool IsOver(BrokerOptions options)
    {
        var late = _services.Time.GetUtcNow().UtcTicks - Volatile.Read(ref _expiresAt);
        if (late > 0 && _services.Renewal.IsAskedAboutConnections)
        {
            _services.Renewal.Ask(this);
            return false;
        }

        return late > options.ExpiredCloseDelay.Ticks;
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
}
