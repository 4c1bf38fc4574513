using System.Collections.Concurrent;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Connections;

/// <summary>Disconnects WebSocket clients whose transport has accepted nothing for too long (<c>WebSocketWriteMilliseconds</c>), however little waits for them.</summary>
/// <remarks>
/// DESIGN. A connection comes here when bytes of it begin to wait, and goes when none do; those that keep up cost nothing. All that are here are looked at with every
/// tick of the wheel, so a limit is kept to a tick. <see cref="Add"/> is thread-safe; the rest runs on the wheel's thread.
/// </remarks>
internal sealed class WriteWatch : TimerNode
{
    private readonly TransportSettings _transports;
    private readonly TimerWheel _wheel;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<ClientConnection> _added = new();
    private readonly List<Watched> _all = [];

    public WriteWatch(TransportSettings transports, TimerWheel wheel, TimeProvider time)
    {
        (_transports, _wheel, _time) = (transports, wheel, time);
        if (transports.WriteTimeout > TimeSpan.Zero || transports.UniWriteTimeout > TimeSpan.Zero)
        {
            wheel.Schedule(this, TimerWheel.Tick);
        }
    }

    /// <summary>How long the transport of such a client may accept nothing; zero: any time.</summary>
    public TimeSpan LimitOf(Wire wire) => !wire.IsWebSocket ? TimeSpan.Zero : wire.IsUnidirectional ? _transports.UniWriteTimeout : _transports.WriteTimeout;

    /// <summary>Watches a connection whose bytes wait, if there is a limit for it.</summary>
    public void Add(ClientConnection connection)
    {
        if (LimitOf(connection.Wire) > TimeSpan.Zero)
        {
            _added.Enqueue(connection);
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        var now = _time.GetTimestamp();
        while (_added.TryDequeue(out var connection))
        {
            _all.Add(new(connection, default, now));
        }

        var kept = 0;
        for (var i = 0; i < _all.Count; i++)
        {
            if (Look(_all[i], now) is { } next)
            {
                _all[kept++] = next;
            }
        }

        _all.RemoveRange(kept, _all.Count - kept);
        _wheel.ScheduleNext(this, TimerWheel.Tick);
    }

    // Null: it need not be watched any more.
    private Watched? Look(in Watched watched, long now)
    {
        if (watched.Connection.Outbound.LookAtStall() is not { } stall)
        {
            return null;
        }

        if (stall != watched.Stall)
        {
            return watched with { Stall = stall, Since = now };
        }

        if (_time.GetElapsedTime(watched.Since, now) < LimitOf(watched.Connection.Wire))
        {
            return watched;
        }

        watched.Connection.Disconnect(DisconnectCode.Slow);
        return null;
    }

    /// <param name="Since">The timestamp of the look that found it first.</param>
    private readonly record struct Watched(ClientConnection Connection, Stall Stall, long Since);
}
