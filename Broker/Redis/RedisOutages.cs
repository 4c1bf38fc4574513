using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Redis;

/// <summary>Logs each outage of a Redis once, whichever of the connections to it fail, and its end when all are back.</summary>
/// <remarks>Thread-safe. Members do not wait.</remarks>
/// <param name="onAnswer">Called with the time that each answer took; does not wait.</param>
internal sealed partial class RedisOutages(ILogger<RedisOutages> logger, Action<TimeSpan>? onAnswer = null)
{
    private readonly Lock _gate = new();

    // The connections that are lost, by address.
    private readonly Dictionary<string, HashSet<object>> _lost = [];

    /// <summary>Reports what a connection says of itself, from here on.</summary>
    public void Watch(RedisAddress address, RedisConnection connection)
    {
        connection.Outage += outage => Report(address, connection, outage);
        connection.Answered += onAnswer;
    }

    /// <param name="connection">Which one of the connections to this address; any object that stands for it.</param>
    /// <param name="fault">Null: it works again, or is closed for good.</param>
    public void Report(RedisAddress address, object connection, StoreUnavailableException? fault)
    {
        var name = address.ToString();
        lock (_gate)
        {
            if (fault is not null)
            {
                Lose(name, connection, fault.Message);
            }
            else if (_lost.TryGetValue(name, out var lost) && lost.Remove(connection) && lost.Count == 0)
            {
                _lost.Remove(name);
                Log.Back(logger, name);
            }
        }
    }

    private void Lose(string name, object connection, string fault)
    {
        if (_lost.TryGetValue(name, out var lost))
        {
            lost.Add(connection);
            Log.AwayToo(logger, name, fault);
        }
        else
        {
            _lost.Add(name, [connection]);
            Log.Away(logger, name, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis ({Address}) is away: {Fault}. Requests that need it are refused, and subscribers recover when it is back.")]
        public static partial void Away(ILogger logger, string address, string fault);

        [LoggerMessage(2, LogLevel.Information, "Redis ({Address}) is back.")]
        public static partial void Back(ILogger logger, string address);

        [LoggerMessage(3, LogLevel.Debug, "Another connection to Redis ({Address}) is lost: {Fault}.")]
        public static partial void AwayToo(ILogger logger, string address, string fault);
    }
}
