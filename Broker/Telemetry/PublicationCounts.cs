using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Telemetry;

/// <summary>Counts publications, their deliveries and bytes by channel namespace.</summary>
/// <remarks>Thread-safe. Hot path: one look-up and three additions, no allocation, no gate.</remarks>
internal sealed class PublicationCounts
{
    private const string WithoutNamespace = "none";

    // Far more than are configured: the limit protects memory if a bug ever admits other names.
    private const int MaxNamespaces = 1000;

    private readonly ConcurrentDictionary<string, Counts> _byNamespace = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Counts>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Counts _others;

    public PublicationCounts()
    {
        _lookup = _byNamespace.GetAlternateLookup<ReadOnlySpan<char>>();
        _others = _byNamespace.GetOrAdd(WithoutNamespace, static name => new Counts(name));
    }

    public void Add(ChannelName channel, int bytes, int deliveries)
    {
        var counts = CountsOf(channel.Namespace);
        counts.Publications.Add();
        counts.Deliveries.Add(deliveries);
        counts.Bytes.Add((long)bytes * deliveries);
    }

    public IEnumerable<Measurement<long>> Publications() => _byNamespace.Values.Select(counts => counts.Measure(counts.Publications));

    public IEnumerable<Measurement<long>> Deliveries() => _byNamespace.Values.Select(counts => counts.Measure(counts.Deliveries));

    public IEnumerable<Measurement<long>> Bytes() => _byNamespace.Values.Select(counts => counts.Measure(counts.Bytes));

    private Counts CountsOf(ReadOnlySpan<char> name) =>
        name.IsEmpty ? _others
        : _lookup.TryGetValue(name, out var counts) ? counts
        : _byNamespace.Count > MaxNamespaces ? _others
        : _byNamespace.GetOrAdd(name.ToString(), static name => new Counts(name));

    private sealed class Counts(string name)
    {
        private readonly KeyValuePair<string, object?> _namespace = new("namespace", name);

        public StripedCounter Publications { get; } = new();

        public StripedCounter Deliveries { get; } = new();

        public StripedCounter Bytes { get; } = new();

        public Measurement<long> Measure(StripedCounter counter) => new(counter.Sum(), _namespace);
    }
}
