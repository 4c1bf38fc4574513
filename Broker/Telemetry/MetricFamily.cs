using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ClawEvents.Broker.Telemetry;

/// <summary>One instrument's values, under the names and in the text of Prometheus' exposition format 0.0.4.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class MetricFamily
{
    private readonly ConcurrentDictionary<string, double> _series = new(StringComparer.Ordinal);
    private readonly Instrument _instrument;
    private readonly bool _isCounter;
    private readonly bool _isSum;

    // Most measurements of an instrument have the same label as the one before.
    private SingleLabel? _last;

    public MetricFamily(Instrument instrument)
    {
        _instrument = instrument;
        var kind = instrument.GetType().GetGenericTypeDefinition();
        _isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _isSum = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        Name = NameOf(instrument, _isCounter);
    }

    /// <summary>Its name in Prometheus: <c>clawevents_connections_opened_total</c>.</summary>
    public string Name { get; }

    /// <summary>Whether such values can be written: histograms cannot.</summary>
    public static bool IsKnown(Instrument instrument) => instrument.GetType().GetGenericTypeDefinition() != typeof(Histogram<>);

    /// <summary>Records a measurement: an increment for counters, otherwise the whole value.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelsOf(tags);
        if (_isSum)
        {
            _series.AddOrUpdate(labels, static (_, step) => step, static (_, sum, step) => sum + step, value);
        }
        else
        {
            _series[labels] = value;
        }
    }

    /// <param name="name">Its own name or an alias.</param>
    public void WriteTo(StringBuilder text, string name)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(_instrument.Description ?? "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {(_isCounter ? "counter" : "gauge")}\n");
        foreach (var (labels, value) in _series.OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
        }
    }

    // OpenTelemetry's rules for such names: dots become underscores, the unit is spelled out, a sum ends with total.
    private static string NameOf(Instrument instrument, bool isCounter)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return $"{instrument.Name.Replace('.', '_').Replace('-', '_')}{unit}{(isCounter ? "_total" : "")}";
    }

    private string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != 1)
        {
            return tags.IsEmpty ? "" : Write(tags);
        }

        var (name, value) = tags[0];
        if (_last is { } last && last.Name == name && Equals(last.Value, value))
        {
            return last.Labels;
        }

        var labels = Write(tags);
        _last = new(name, value, labels);
        return labels;
    }

    private static string Write(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var text = Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal);
            labels.Append(labels.Length == 0 ? '{' : ',').Append(CultureInfo.InvariantCulture, $"{name.Replace('.', '_')}=\"{text}\"");
        }

        return labels.Append('}').ToString();
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed record SingleLabel(string Name, object? Value, string Labels);
}
