using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>Ends a connection when its token has expired, or asks the back end that decides whether it goes on.</summary>
/// <remarks>
/// An entry of its own on the timer wheel, so that pings have no part in when it is due. Made for a connection that expires; most do not. Thread-safe: its
/// gate is the object itself, as it holds nothing else.
/// </remarks>
internal sealed class ConnectionExpiry(ClientConnection connection) : TimerNode
{
    // Dates are compared with a clock that can be set, and that goes on while the machine sleeps; the wheel's does neither.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // UTC ticks, under the gate.
    private long _moment = DateTimeOffset.MaxValue.UtcTicks;

    private ConnectionServices Services => connection.Services;

    /// <summary>When the token expires; <see cref="DateTimeOffset.MaxValue"/>: never.</summary>
    public DateTimeOffset Moment
    {
        get
        {
            lock (this)
            {
                return new(_moment, TimeSpan.Zero);
            }
        }
    }

    /// <summary>Sets when the token expires; <see cref="DateTimeOffset.MaxValue"/>: never.</summary>
    public void Set(DateTimeOffset moment)
    {
        lock (this)
        {
            _moment = moment.UtcTicks;
            Schedule();
        }
    }

    /// <summary>Begins to count: the connection has entered the connected phase.</summary>
    public void Start()
    {
        lock (this)
        {
            Schedule();
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        lock (this)
        {
            if (connection.Phase is not ConnectionPhase.Connected || Left() > TimeSpan.Zero)
            {
                Schedule();
                return;
            }
        }

        if (Services.Renewal.IsAskedAboutConnections)
        {
            Services.Renewal.Ask(connection);
        }
        else
        {
            connection.Disconnect(DisconnectCode.ConnectionExpired);
        }
    }

    // A back end is asked when the token expires; a client has some time more for a new one.
    private TimeSpan Left() =>
        TimeSpan.FromTicks(_moment - Services.Time.GetUtcNow().UtcTicks)
        + (Services.Renewal.IsAskedAboutConnections ? TimeSpan.Zero : Services.Options.ExpiredCloseDelay);

    private void Schedule()
    {
        if (connection.Phase is ConnectionPhase.Connected && _moment != DateTimeOffset.MaxValue.UtcTicks)
        {
            var left = Left();
            Services.Wheel.Schedule(this, left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait);
        }
        else
        {
            Services.Wheel.Cancel(this);
        }

        if (connection.Phase is ConnectionPhase.Closed)
        {
            // It closed meanwhile, and its cancelling may have come before the scheduling.
            Services.Wheel.Cancel(this);
        }
    }
}
