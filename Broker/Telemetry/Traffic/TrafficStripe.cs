using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Telemetry.Traffic;

/// <summary>What one core has counted, in the window under way and in the one before it.</summary>
/// <remarks>Every member but <see cref="Gate"/> is called under the gate.</remarks>
internal sealed class TrafficStripe(int capacity)
{
    private const int Kinds = 3;

    private HeavyHitters[] _current = Make(capacity);
    private HeavyHitters[] _previous = Make(capacity);

    public Lock Gate { get; } = new();

    public void Published(ChannelName channel, int bytes)
    {
        _current[(int)TrafficKind.Messages].Add(channel, 1);
        _current[(int)TrafficKind.Bytes].Add(channel, bytes);
    }

    public void Delivered(ChannelName channel, int deliveries) => _current[(int)TrafficKind.Deliveries].Add(channel, deliveries);

    /// <summary>Begins a window, and forgets the one before the last.</summary>
    public void Turn()
    {
        (_current, _previous) = (_previous, _current);
        foreach (var sums in _current)
        {
            sums.Clear();
        }
    }

    public IEnumerable<TrafficSummary> Read(TrafficKind kind, double seconds) =>
        [Summarize(_current[(int)kind], seconds), Summarize(_previous[(int)kind], seconds)];

    private static TrafficSummary Summarize(HeavyHitters sums, double seconds)
    {
        var entries = new List<TrafficEntry>();
        sums.CopyTo(entries);
        return new(entries, sums.Floor, seconds);
    }

    private static HeavyHitters[] Make(int capacity) => [.. Enumerable.Range(0, Kinds).Select(_ => new HeavyHitters(capacity))];
}
