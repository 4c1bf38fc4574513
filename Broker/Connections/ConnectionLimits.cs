using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Connections;

/// <summary>Why a connection is not accepted now: an HTTP status, a line for its client, and the seconds after which it should try again (0: not said).</summary>
internal readonly record struct ConnectionRefusal(int Status, string Text, int RetryAfter = 0);

/// <summary>How many client connections this node accepts, simultaneously and per second, of all clients and of each address, over all transports; none while it is drained.</summary>
/// <remarks>
/// The set rate accepts a burst of one second, then one for each part of a second; the rate of <see cref="AdmissionPace"/>, which a storm calls for, a
/// tenth of one. Thread-safe; nothing else is done under the gate.
/// </remarks>
internal sealed class ConnectionLimits
{
    /// <summary>For clients beyond the pace.</summary>
    public const string NodeIsBusy = "more clients connect to this node than it can serve: try again later";

    private const string NodeIsFull = "this node accepts no more connections now: try again later, or another node";
    private const string NodeIsDraining = "this node is being drained: connect again, to another node";

    private static readonly ConnectionRefusal AddressIsFull =
        new(StatusCodes.Status429TooManyRequests, "too many connections from this address: close some, or try again later");

    private readonly Lock _gate = new();
    private readonly AddressLimits _addresses;
    private readonly LimitHits _hits;
    private readonly TimeProvider _time;

    // Under the gate.
    private int _most;
    private BucketRule _rule;
    private int _open;
    private TokenBucket _rate;
    private BucketRule _pace;
    private TokenBucket _upgrades;
    private TokenBucket _connects;
    private AdmissionCounts _counts;

    private int _retryWithin = 5;
    private volatile bool _isClosed;

    public ConnectionLimits(ConnectionOptions options, AddressLimits addresses, TimeProvider time, LimitHits hits)
    {
        (_addresses, _hits) = (addresses, hits);
        _time = time;
        ApplySettings(options);
    }

    /// <summary>Connections that have a place, those that close and those that have not connected yet among them.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>New connections are refused, whatever the limits say: the node is being drained.</summary>
    public bool IsClosed
    {
        get => _isClosed;
        set => _isClosed = value;
    }

    /// <summary>See <see cref="ConnectionOptions.MaxTurnDelay"/>.</summary>
    public TimeSpan MaxTurnDelay { get; private set; }

    /// <summary>New connections that were accepted and refused for the limits of this node, so far.</summary>
    public AdmissionCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    /// <summary>Changes the limits of the node; open connections stay.</summary>
    public void ApplySettings(ConnectionOptions options)
    {
        lock (_gate)
        {
            _most = options.MaxConnections;
            _rule = new(options.ConnectionsPerSecond, options.ConnectionsPerSecond);
            MaxTurnDelay = options.MaxTurnDelay;
        }
    }

    /// <summary>Accepts as many connections, and connect commands, as the node has been found to serve.</summary>
    /// <param name="perSecond">0: there is no such limit.</param>
    /// <param name="retryWithin">Seconds in which those that are refused should try again, each at its own moment.</param>
    public void SetPace(double perSecond, int retryWithin)
    {
        lock (_gate)
        {
            _pace = new(perSecond, Math.Max(1, perSecond / 10));
        }

        Volatile.Write(ref _retryWithin, retryWithin);
    }

    /// <summary>Takes a place; the caller gives it back with <see cref="Leave"/>.</summary>
    /// <param name="client">The client's address, past trusted proxies.</param>
    /// <returns>Null when there was one.</returns>
    public ConnectionRefusal? Enter(AddressKey client)
    {
        if (IsClosed)
        {
            return Unavailable(NodeIsDraining);
        }

        if (!_addresses.TryEnterConnection(client))
        {
            return AddressIsFull;
        }

        if (TryEnter() is not { } reason)
        {
            return null;
        }

        _addresses.LeaveConnection(client);
        _hits.Add(Limit.Connections);
        return Unavailable(reason);
    }

    /// <summary>Whether a connection that has its place may connect now: it may have been upgraded before the node had too much to do.</summary>
    public bool TryConnect()
    {
        lock (_gate)
        {
            return _connects.TryTake(_pace, _time.GetTimestamp(), _time, out _);
        }
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

    // Each client at another moment: together they would be the next storm.
    private ConnectionRefusal Unavailable(string reason) =>
        new(StatusCodes.Status503ServiceUnavailable, reason, Random.Shared.Next(1, Volatile.Read(ref _retryWithin) + 1));

    // Null when there was a place.
    private string? TryEnter()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var reason = (_most > 0 && _open >= _most) || !_rate.TryTake(_rule, now, _time, out _) ? NodeIsFull
                : !_upgrades.TryTake(_pace, now, _time, out _) ? NodeIsBusy
                : null;
            if (reason is null)
            {
                _open++;
            }

            _counts = reason is null ? _counts with { Accepted = _counts.Accepted + 1 }
                : ReferenceEquals(reason, NodeIsBusy) ? _counts with { Refused = _counts.Refused + 1 }
                : _counts;
            return reason;
        }
    }
}
