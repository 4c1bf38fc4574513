using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Transport;

/// <summary>Limits of sockets; 0: derived from the limit of descriptors.</summary>
/// <param name="MaxSockets">Sockets that are open at the same time.</param>
/// <param name="MaxHttpConnections">Those of them that are not WebSockets.</param>
internal sealed record SocketLimits(int MaxSockets = 0, int MaxHttpConnections = 0);

/// <summary>How many sockets are open, and how many of them belong to HTTP: beyond the limits, new ones are closed as soon as they are accepted.</summary>
/// <remarks>
/// DESIGN. A process that runs out of descriptors cannot accept, so it could not even refuse; and its listener would try again and again. So the limit
/// lies below that of the process by a reserve: for the store, back ends, and parts of the runtime that are loaded later, each of which keeps a file
/// open. What is not a socket of a client is counted again from time to time. Thread-safe, without a gate.
/// </remarks>
internal sealed partial class SocketGate
{
    private const int LeastReserve = 48;
    private const int MostReserve = 256;
    private const int LeastSockets = 16;
    private const int ManyDescriptors = 4096;

    // During a count; the reserve is larger.
    private const int MostChanges = 8;

    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(30);

    // Counting 20,000 descriptors takes some milliseconds.
    private static readonly TimeSpan CountEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CountManyEvery = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly LimitHits _hits;
    private readonly ILogger<SocketGate> _logger;
    private readonly Places _sockets;
    private readonly Places _http;
    private long _refused;
    private readonly int? _descriptors;
    private long _loggedAt;
    private long _countedAt;

    public SocketGate(SocketLimits limits, TimeProvider time, LimitHits hits, ILogger<SocketGate> logger)
    {
        _hits = hits;
        _time = time;
        _logger = logger;
        _loggedAt = time.GetTimestamp() - (long)(LogEvery.TotalSeconds * time.TimestampFrequency);
        _descriptors = limits.MaxSockets > 0 ? null : DescriptorLimit.Read();
        _countedAt = time.GetTimestamp();
        _sockets = new(limits.MaxSockets > 0 ? limits.MaxSockets : MostSockets(_descriptors, DescriptorLimit.CountOpen() ?? _descriptors ?? 0));
        _http = new(limits.MaxHttpConnections > 0 ? limits.MaxHttpConnections : Math.Max(1, _sockets.Most / 2));
    }

    /// <summary>Sockets that are open.</summary>
    public int Open => _sockets.Taken;

    /// <summary>The number of sockets that leaves the reserve free.</summary>
    /// <param name="descriptors">The limit of the process; null: none.</param>
    /// <param name="open">Descriptors that are open besides these sockets.</param>
    public static int MostSockets(int? descriptors, int open) =>
        descriptors is { } limit ? Math.Max(LeastSockets, limit - open - Math.Clamp(limit / 32, LeastReserve, MostReserve)) : int.MaxValue;

    /// <summary>Counts an accepted socket, which gives its place back with <see cref="Leave"/>.</summary>
    /// <returns>False when it has to be closed.</returns>
    public bool TryEnter()
    {
        CountAgain();
        return _sockets.TryEnter() || Refuse(Limit.Sockets, _sockets, "sockets", "MaxSockets, or the limit of descriptors (ulimit -n)");
    }

    public void Leave() => _sockets.Leave();

    /// <summary>Counts a socket that goes on to HTTP, which gives its place back with <see cref="LeaveHttp"/>.</summary>
    public bool TryEnterHttp() => _http.TryEnter() || Refuse(Limit.HttpConnections, _http, "HTTP connections", "MaxHttpConnections");

    public void LeaveHttp() => _http.Leave();

    /// <summary>Logs that the process has no descriptor for a connection that waits, although the limit was not reached.</summary>
    public void LogStarved(string error)
    {
        if (MayLog())
        {
            Log.Starved(_logger, error);
        }
    }

    private void CountAgain()
    {
        var countedAt = Volatile.Read(ref _countedAt);
        if (_descriptors is { } limit && _time.GetElapsedTime(countedAt) >= (limit > ManyDescriptors ? CountManyEvery : CountEvery)
            && Interlocked.CompareExchange(ref _countedAt, _time.GetTimestamp(), countedAt) == countedAt)
        {
            // Not on the thread that accepts, which has connections to serve.
            ThreadPool.UnsafeQueueUserWorkItem(static gate => gate.Count(), this, preferLocal: false);
        }
    }

    // Sockets that come or go meanwhile are counted once here and not there: the count is made again later then.
    private void Count()
    {
        var before = _sockets.Taken;
        var open = DescriptorLimit.CountOpen() ?? _descriptors ?? 0;
        var after = _sockets.Taken;
        if (Math.Abs(after - before) <= MostChanges)
        {
            _sockets.Most = MostSockets(_descriptors, open - Math.Min(before, after));
        }
    }

    // A line for each refusal would be the next flood.
    private bool Refuse(Limit limit, Places places, string what, string setting)
    {
        _hits.Add(limit);
        var refused = Interlocked.Increment(ref _refused);
        if (MayLog())
        {
            Log.Full(_logger, places.Most, what, refused, setting);
        }

        return false;
    }

    private bool MayLog()
    {
        var loggedAt = Volatile.Read(ref _loggedAt);
        return _time.GetElapsedTime(loggedAt) >= LogEvery && Interlocked.CompareExchange(ref _loggedAt, _time.GetTimestamp(), loggedAt) == loggedAt;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "All {Most} {What} are in use, so new ones are closed: {Refused} so far. Raise {Setting} if these are clients of yours.")]
        public static partial void Full(ILogger logger, int most, string what, long refused, string setting);

        [LoggerMessage(2, LogLevel.Warning, "A connection waits to be accepted, but the process has no free descriptor: {Error}. Raise the limit of descriptors (ulimit -n).")]
        public static partial void Starved(ILogger logger, string error);
    }
}
