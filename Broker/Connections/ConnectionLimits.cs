using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Connections;

/// <summary>How many client connections this node accepts, simultaneously and per second, over all transports.</summary>
/// <remarks>
/// The rate is a token bucket: a burst of one second is accepted, then one for each part of a second. Thread-safe; nothing else is done
/// under the gate.
/// </remarks>
internal sealed class ConnectionLimits
{
    /// <summary>For the message of a refusal.</summary>
    public const string Rule = "this node accepts no more connections now: try again later, or another node";

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly int _most;
    private readonly int _perSecond;

    // Written under the gate.
    private int _open;
    private double _free;
    private long _filledAt;

    public ConnectionLimits(ConnectionOptions options, TimeProvider time)
    {
        _time = time;
        _most = options.MaxConnections;
        _perSecond = options.ConnectionsPerSecond;
        _free = _perSecond;
        _filledAt = time.GetTimestamp();
    }

    /// <summary>Takes a place; the caller gives it back with <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if ((_most > 0 && _open >= _most) || !TryTakeFromRate())
            {
                return false;
            }

            _open++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _open--;
        }
    }

    private bool TryTakeFromRate()
    {
        if (_perSecond == 0)
        {
            return true;
        }

        var now = _time.GetTimestamp();
        _free = Math.Min(_perSecond, _free + (_time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
        _filledAt = now;
        if (_free < 1)
        {
            return false;
        }

        _free--;
        return true;
    }
}
