namespace ClawEvents.Broker.Telemetry;

/// <summary>An event of the log, as the log has written it.</summary>
internal sealed record LoggedWarning(DateTimeOffset Time, LogLevel Level, string Category, string Message);

/// <summary>Keeps the last warnings and errors of the log, for operators that look at it from afar. Thread-safe.</summary>
/// <remarks>Without stack traces: the log has them.</remarks>
internal sealed class RecentWarnings(TimeProvider time) : ILoggerProvider
{
    public const int Capacity = 200;

    private const int MaxCharacters = 500;

    private readonly Lock _gate = new();

    // Under the gate; oldest first.
    private readonly Queue<LoggedWarning> _kept = new(Capacity);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LoggedWarning> Read()
    {
        lock (_gate)
        {
            return [.. _kept.Reverse()];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Keeper(this, categoryName);

    public void Dispose()
    {
        // There is nothing to close; the interface wants it.
    }

    private void Keep(LogLevel level, string category, string message)
    {
        var kept = new LoggedWarning(time.GetUtcNow(), level, category, message.Length > MaxCharacters ? $"{message.AsSpan(0, MaxCharacters)}…" : message);
        lock (_gate)
        {
            if (_kept.Count == Capacity)
            {
                _kept.Dequeue();
            }

            _kept.Enqueue(kept);
        }
    }

    private sealed class Keeper(RecentWarnings warnings, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                warnings.Keep(logLevel, category, formatter(state, exception));
            }
        }
    }
}
