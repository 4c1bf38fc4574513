using System.Diagnostics;
using System.Text.Json;

namespace ClawEvents.Cli.Bench;

/// <summary>The figures of all clients of one kind together.</summary>
internal sealed class BenchSide
{
    /// <param name="name"><c>publishers</c> or <c>subscribers</c>.</param>
    /// <param name="clients">One or more.</param>
    public BenchSide(string name, IReadOnlyList<ClientMeter> clients)
    {
        (Name, Clients) = (name, clients);
        Messages = clients.Sum(client => client.Messages);
        Bytes = clients.Sum(client => client.Bytes);
        var active = clients.Where(client => client.Began > 0).ToList();
        Time = active.Count == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(active.Min(client => client.Began), active.Max(client => client.Ended));
        foreach (var client in clients)
        {
            Latency.Add(client.Latency);
        }
    }

    public string Name { get; }

    public IReadOnlyList<ClientMeter> Clients { get; }

    public long Messages { get; }

    public long Bytes { get; }

    /// <summary>From the first message of any client to the last of any.</summary>
    public TimeSpan Time { get; }

    public LatencyHistogram Latency { get; } = new();

    public double PerSecond => ClientMeter.Rate(Messages, Time);

    public double MegabytesPerSecond => ClientMeter.Rate(Bytes, Time) / 1_000_000;
}

/// <summary>What a benchmark has measured.</summary>
internal sealed class BenchResult
{
    public BenchResult(BenchOptions options, BenchRun run)
    {
        Sides = [.. SidesOf(run)];
        Refusals = run.Publishers.SelectMany(publisher => publisher.Refusals).GroupBy(pair => pair.Key, pair => pair.Value).ToDictionary(group => group.Key, group => group.Sum());
        Failures = [.. run.Publishers.Select(publisher => publisher.Failure).Concat(run.Subscribers.Select(subscriber => subscriber.Failure)).OfType<string>()];
        Duplicated = run.Subscribers.Sum(subscriber => subscriber.Arrivals.Duplicated);
        Misordered = options.HasOrder ? run.Subscribers.Sum(subscriber => subscriber.Arrivals.Misordered) : null;
        var received = run.Subscribers.Sum(subscriber => subscriber.Arrivals.Received);
        Lost = Math.Max(Math.Max(0, run.Expected - received), options.Role is BenchRole.Sub ? run.Subscribers.Sum(subscriber => subscriber.Arrivals.Missing) : 0);
    }

    public IReadOnlyList<BenchSide> Sides { get; }

    /// <summary>Expected and not received: accepted by the server, or wanted by a count, or skipped between others.</summary>
    public long Lost { get; }

    public long Duplicated { get; }

    /// <summary>Null where messages have no order.</summary>
    public long? Misordered { get; }

    /// <summary>Publishes that the server refused, by reason.</summary>
    public IReadOnlyDictionary<string, long> Refusals { get; }

    /// <summary>Why clients ended early.</summary>
    public IReadOnlyList<string> Failures { get; }

    public long Refused => Refusals.Values.Sum();

    public bool IsClean => Lost == 0 && Duplicated == 0 && Misordered is null or 0 && Refused == 0 && Failures.Count == 0;

    /// <summary>The members of the JSON form.</summary>
    public void Write(Utf8JsonWriter json)
    {
        foreach (var side in Sides)
        {
            json.WriteStartObject(side.Name);
            WriteFigures(json, side);
            json.WriteStartArray("clients"u8);
            foreach (var client in side.Clients)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, client.Name);
                json.WriteNumber("messages"u8, client.Messages);
                json.WriteNumber("messagesPerSecond"u8, Math.Round(client.PerSecond, 1));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        WriteLosses(json);
    }

    private static IEnumerable<BenchSide> SidesOf(BenchRun run)
    {
        if (run.Publishers.Count > 0)
        {
            yield return new("publishers", [.. run.Publishers.Select(publisher => publisher.Meter)]);
        }
        if (run.Subscribers.Count > 0)
        {
            yield return new("subscribers", [.. run.Subscribers.Select(subscriber => subscriber.Meter)]);
        }
    }

    private static void WriteFigures(Utf8JsonWriter json, BenchSide side)
    {
        json.WriteNumber("messages"u8, side.Messages);
        json.WriteNumber("bytes"u8, side.Bytes);
        json.WriteNumber("seconds"u8, Math.Round(side.Time.TotalSeconds, 6));
        json.WriteNumber("messagesPerSecond"u8, Math.Round(side.PerSecond, 1));
        json.WriteNumber("megabytesPerSecond"u8, Math.Round(side.MegabytesPerSecond, 3));
        json.WriteStartObject("latencyMicroseconds"u8);
        foreach (var (name, value) in Percentiles(side.Latency))
        {
            json.WriteNumber(name, value);
        }
        json.WriteEndObject();
    }

    /// <summary>p50, p90, p99, p99.9 and max, in microseconds.</summary>
    public static IEnumerable<(string Name, long Micros)> Percentiles(LatencyHistogram latency) =>
        [("p50", latency.Percentile(0.5)), ("p90", latency.Percentile(0.9)), ("p99", latency.Percentile(0.99)), ("p99.9", latency.Percentile(0.999)), ("max", latency.Max)];

    private void WriteLosses(Utf8JsonWriter json)
    {
        json.WriteNumber("lost"u8, Lost);
        json.WriteNumber("duplicated"u8, Duplicated);
        if (Misordered is { } misordered)
        {
            json.WriteNumber("misordered"u8, misordered);
        }
        else
        {
            json.WriteNull("misordered"u8);
        }
        json.WriteStartObject("refused"u8);
        foreach (var (reason, count) in Refusals)
        {
            json.WriteNumber(reason, count);
        }
        json.WriteEndObject();
        json.WriteNumber("failedClients"u8, Failures.Count);
    }
}
