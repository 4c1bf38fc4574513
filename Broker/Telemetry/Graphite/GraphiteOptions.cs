namespace ClawEvents.Broker.Telemetry.Graphite;

/// <summary>Where Graphite is, and how it knows the metrics. docs/reference/metrics.md#graphite</summary>
/// <param name="Host"><c>GraphiteHost</c>.</param>
internal sealed record GraphiteOptions(string Host)
{
    /// <summary><c>GraphitePort</c>, of its plain-text protocol.</summary>
    public int Port { get; init; } = 2003;

    /// <summary><c>GraphitePrefix</c> and the node: the beginning of each path, without a dot at its end.</summary>
    public string Prefix { get; init; } = "clawevents";

    /// <summary><c>GraphiteSeconds</c>: time between two reports.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>GraphiteTags</c>: labels are tags, and not parts of the path.</summary>
    public bool HasTags { get; init; }
}
