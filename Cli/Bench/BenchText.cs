using System.Globalization;
using System.Text;

namespace ClawEvents.Cli.Bench;

/// <summary>Shows results as a table for people, or as CSV for programs.</summary>
internal static class BenchText
{
    private const int NameWidth = 12;
    private const int ColumnWidth = 14;

    /// <param name="title">One line.</param>
    public static string Table(string title, BenchResult result)
    {
        var text = new StringBuilder().Append(title).Append("\n\n");
        Row(text, "", "messages", "seconds", "msgs/s", "MB/s");
        foreach (var side in result.Sides)
        {
            Row(text, side.Name, Number(side.Messages), Fraction(side.Time.TotalSeconds), Number(side.PerSecond), Fraction(side.MegabytesPerSecond));
        }
        Row(text.Append('\n'), "per client", "min msgs/s", "avg msgs/s", "max msgs/s");
        foreach (var side in result.Sides)
        {
            var rates = side.Clients.Select(client => client.PerSecond).ToList();
            Row(text, side.Name, Number(rates.Min()), Number(rates.Average()), Number(rates.Max()));
        }
        Row(text.Append('\n'), "latency, ms", [.. BenchResult.Percentiles(result.Sides[0].Latency).Select(percentile => percentile.Name)]);
        foreach (var side in result.Sides)
        {
            Row(text, side.Name == "publishers" ? "replies" : "deliveries", [.. BenchResult.Percentiles(side.Latency).Select(percentile => Fraction(percentile.Micros / 1000.0))]);
        }
        return text.Append('\n').Append(Losses(result)).Append('\n').ToString();
    }

    /// <summary>A line for each client, and one for all of a kind.</summary>
    public static string Csv(BenchResult result)
    {
        var text = new StringBuilder("client,messages,bytes,seconds,msgs_per_s,mb_per_s,p50_us,p90_us,p99_us,p999_us,max_us\n");
        foreach (var side in result.Sides)
        {
            foreach (var client in side.Clients)
            {
                Line(text, client.Name, client.Messages, client.Bytes, client.Time, client.Latency);
            }
            Line(text, side.Name, side.Messages, side.Bytes, side.Time, side.Latency);
        }
        return text.ToString();
    }

    /// <summary>What went wrong, or that nothing did.</summary>
    public static string Losses(BenchResult result) => string.Join(", ",
    [
        $"lost {Number(result.Lost)}",
        $"duplicated {Number(result.Duplicated)}",
        $"misordered {(result.Misordered is { } count ? Number(count) : "unknown")}",
        $"refused {Number(result.Refused)}",
        .. result.Refusals.Select(refusal => $"{Number(refusal.Value)} × {refusal.Key}"),
    ]);

    private static void Line(StringBuilder text, string name, long messages, long bytes, TimeSpan time, LatencyHistogram latency) => text.Append(CultureInfo.InvariantCulture,
        $"{name},{messages},{bytes},{time.TotalSeconds:0.######},{ClientMeter.Rate(messages, time):0.#},{ClientMeter.Rate(bytes, time) / 1_000_000:0.###},{string.Join(',', BenchResult.Percentiles(latency).Select(percentile => percentile.Micros))}\n");

    private static void Row(StringBuilder text, string name, params ReadOnlySpan<string> columns)
    {
        text.Append(name.PadRight(NameWidth));
        foreach (var column in columns)
        {
            text.Append(column.PadLeft(ColumnWidth));
        }
        text.Append('\n');
    }

    private static string Number(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Fraction(double number) => number.ToString("#,0.00", CultureInfo.InvariantCulture);
}
