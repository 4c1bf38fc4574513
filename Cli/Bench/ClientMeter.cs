using System.Diagnostics;

namespace ClawEvents.Cli.Bench;

/// <summary>What one client of a benchmark has done. One writer at a time; the counters may be read meanwhile.</summary>
internal sealed class ClientMeter(string name)
{
    private long _messages;
    private long _bytes;
    private long _began;
    private long _ended;

    /// <summary><c>pub-1</c></summary>
    public string Name => name;

    /// <summary>Accepted by the server, or received.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Of payloads.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Timestamp of the first message; 0 before it.</summary>
    public long Began => _began;

    /// <summary>Timestamp of the last message.</summary>
    public long Ended => _ended;

    public TimeSpan Time => Stopwatch.GetElapsedTime(_began, _ended);

    public double PerSecond => Rate(Messages, Time);

    /// <summary>The first message is about to be sent.</summary>
    public void Begin() => _began = _ended = Stopwatch.GetTimestamp();

    public void Add(int bytes, long latencyMicros)
    {
        _ended = Stopwatch.GetTimestamp();
        if (_began == 0)
        {
            _began = _ended;
        }
        Latency.Add(latencyMicros);
        Volatile.Write(ref _bytes, _bytes + bytes);
        Volatile.Write(ref _messages, _messages + 1);
    }

    /// <summary>0 when there was no time.</summary>
    public static double Rate(long count, TimeSpan time) => time > TimeSpan.Zero ? count / time.TotalSeconds : 0;
}
