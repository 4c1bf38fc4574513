using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Connections;

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

    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(30);

    // Counting 20,000 descriptors takes some milliseconds.
    private static readonly TimeSpan CountEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CountManyEvery = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly ILogger<SocketGate> _logger;
    private readonly Places _sockets;
    private readonly Places _http;
    private long _refused;
    private readonly int? _descriptors;
    private long _loggedAt;
    private long _countedAt;

    public SocketGate(ListenerOptions options, TimeProvider time, ILogger<SocketGate> logger)
    {
        _time = time;
        _logger = logger;
        _loggedAt = time.GetTimestamp() - (long)(LogEvery.TotalSeconds * time.TimestampFrequency);
        _descriptors = options.MaxSockets > 0 ? null : DescriptorLimit.Read();
        _countedAt = time.GetTimestamp();
        _sockets = new(options.MaxSockets > 0 ? options.MaxSockets : MostSockets(_descriptors, DescriptorLimit.CountOpen()));
        _http = new(options.MaxHttpConnections > 0 ? options.MaxHttpConnections : Math.Max(1, _sockets.Most / 2));
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
        return _sockets.TryEnter() || LogRefusal(_sockets, "sockets", "MaxSockets, or the limit of descriptors (ulimit -n)");
    }

    public void Leave() => _sockets.Leave();

    /// <summary>Counts a socket that goes on to HTTP, which gives its place back with <see cref="LeaveHttp"/>.</summary>
    public bool TryEnterHttp() => _http.TryEnter() || LogRefusal(_http, "HTTP connections", "MaxHttpConnections");

    public void LeaveHttp() => _http.Leave();

    private void CountAgain()
    {
        if (_descriptors is not { } limit || _time.GetElapsedTime(_countedAt) < (limit > ManyDescriptors ? CountManyEvery : CountEvery))
        {
            return;
        }

        // Only the listeners' loops come here: at most two at the same time, with about the same result.
        _countedAt = _time.GetTimestamp();
        _sockets.Most = MostSockets(limit, DescriptorLimit.CountOpen() - _sockets.Taken);
    }

    // A line for each refusal would be the next flood.
    private bool LogRefusal(Places places, string what, string setting)
    {
        var refused = Interlocked.Increment(ref _refused);
        var loggedAt = Volatile.Read(ref _loggedAt);
        if (_time.GetElapsedTime(loggedAt) >= LogEvery && Interlocked.CompareExchange(ref _loggedAt, _time.GetTimestamp(), loggedAt) == loggedAt)
        {
            Log.Full(_logger, places.Most, what, refused, setting);
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "All {Most} {What} are in use, so new ones are closed: {Refused} so far. Raise {Setting} if these are clients of yours.")]
        public static partial void Full(ILogger logger, int most, string what, long refused, string setting);
    }
}
