namespace ClawEvents.Broker.Telemetry;

/// <summary>A count that many threads raise at once. Counters of different cores lie in different cache lines.</summary>
/// <remarks>Thread-safe. Hot path: one interlocked addition, no allocation, no gate.</remarks>
internal sealed class StripedCounter
{
    private const int Stride = 16;

    private readonly long[] _values = new long[Stride * Environment.ProcessorCount];

    public void Add(long count = 1) =>
        Interlocked.Add(ref _values[Stride * (Thread.GetCurrentProcessorId() % Environment.ProcessorCount)], count);

    /// <summary>All that was added before the call, and perhaps some of what is added meanwhile.</summary>
    public long Sum()
    {
        var sum = 0L;
        for (var value = 0; value < _values.Length; value += Stride)
        {
            sum += Volatile.Read(ref _values[value]);
        }

        return sum;
    }
}
