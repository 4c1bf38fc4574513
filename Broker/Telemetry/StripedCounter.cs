namespace ClawEvents.Broker.Telemetry;

/// <summary>A counter that many threads increment simultaneously. Each core has its own cache line.</summary>
/// <remarks>Thread-safe. Hot path: one interlocked addition, no allocation, no gate.</remarks>
internal sealed class StripedCounter
{
    private const int Stride = 16;

    private readonly long[] _values = new long[Stride * Environment.ProcessorCount];

    public void Add(long count = 1) =>
        Interlocked.Add(ref _values[Stride * (Thread.GetCurrentProcessorId() % Environment.ProcessorCount)], count);

    /// <summary>Includes everything added before the call, and perhaps some of what is added meanwhile.</summary>
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
