using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Connections;

/// <summary>Why a connection is not accepted now: an HTTP status, and a line for its client.</summary>
internal readonly record struct ConnectionRefusal(int Status, string Text);

/// <summary>How many client connections this node accepts, simultaneously and per second, of all clients and of each address, over all transports.</summary>
/// <remarks>
/// The rate accepts a burst of one second, then one for each part of a second. Thread-safe; nothing else is done under the gate.
/// </remarks>
internal sealed class ConnectionLimits
{
    private static readonly ConnectionRefusal NodeIsFull =
        new(StatusCodes.Status503ServiceUnavailable, "this node accepts no more connections now: try again later, or another node");

    private static readonly ConnectionRefusal AddressIsFull =
        new(StatusCodes.Status429TooManyRequests, "too many connections from this address: close some, or try again later");

    private readonly Lock _gate = new();
    private readonly AddressLimits _addresses;
    private readonly TimeProvider _time;

    // Under the gate.
    private int _most;
    private BucketRule _rule;
    private int _open;
    private TokenBucket _rate;

    public ConnectionLimits(ConnectionOptions options, AddressLimits addresses, TimeProvider time)
    {
        _addresses = addresses;
        _time = time;
        ApplySettings(options);
    }

    /// <summary>Changes the limits of the node; open connections stay.</summary>
    public void ApplySettings(ConnectionOptions options)
    {
        lock (_gate)
        {
            _most = options.MaxConnections;
            _rule = new(options.ConnectionsPerSecond, options.ConnectionsPerSecond);
        }
    }

    /// <summary>Takes a place; the caller gives it back with <see cref="Leave"/>.</summary>
    /// <param name="client">The client's address, past trusted proxies.</param>
    /// <returns>Null when there was one.</returns>
    public ConnectionRefusal? Enter(AddressKey client)
    {
        if (!_addresses.TryEnterConnection(client))
        {
            return AddressIsFull;
        }

        if (TryEnter())
        {
            return null;
        }

        _addresses.LeaveConnection(client);
        return NodeIsFull;
    }

    /// <param name="client">As it entered.</param>
    public void Leave(AddressKey client)
    {
        _addresses.LeaveConnection(client);
        lock (_gate)
        {
            _open--;
        }
    }

    private bool TryEnter()
    {
        lock (_gate)
        {
            if ((_most > 0 && _open >= _most) || !_rate.TryTake(_rule, _time.GetTimestamp(), _time, out _))
            {
                return false;
            }

            _open++;
            return true;
        }
    }
}
