using System.Buffers;
using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ClawEvents.Broker.Telemetry.Graphite;

/// <summary>Writes metrics as lines of Graphite's plain-text protocol: path, value, seconds since 1970.</summary>
/// <remarks>
/// Paths are those of Centrifugo's own reports, so that its dashboards find them: the first two underscores of a name become dots, and a label becomes
/// two parts. Not thread-safe.
/// </remarks>
/// <param name="options">The prefix and the form of labels.</param>
internal sealed class GraphiteLines(GraphiteOptions options) : BaseExporter<Metric>
{
    private const int NameParts = 3;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly List<(string Name, string Value)> _labels = [];
    private long _time;

    /// <summary>The lines of the last report; valid until the next one.</summary>
    public ReadOnlyMemory<byte> Bytes => _lines.WrittenMemory;

    /// <summary>Begins a report.</summary>
    /// <param name="time">Of all its lines.</param>
    public void Begin(DateTimeOffset time)
    {
        _time = time.ToUnixTimeSeconds();
        _lines.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch)
        {
            var path = $"{options.Prefix}.{string.Join('.', metric.Name.Split('_', NameParts))}";
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                Write(metric.MetricType, path, point);
            }
        }

        return ExportResult.Success;
    }

    /// <summary>A text as one part of a path.</summary>
    public static string Part(string text) => Clean(text, character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or ':');

    private void Write(MetricType type, string path, in MetricPoint point)
    {
        var labels = LabelsOf(point.Tags);
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Write(path, labels, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Write(path, labels, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                Write(path, labels, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                Write(path, labels, point.GetGaugeLastValueDouble());
                break;
            case MetricType.Histogram:
                Write($"{path}.sum", labels, point.GetHistogramSum());
                Write($"{path}.count", labels, point.GetHistogramCount());
                break;
        }
    }

    private void Write(string path, string labels, double value)
    {
        if (double.IsFinite(value))
        {
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{path}{labels} {value:0.######} {_time}\n"), _lines);
        }
    }

    // In the order of their names, which is the same in every report.
    private string LabelsOf(ReadOnlyTagCollection tags)
    {
        _labels.Clear();
        foreach (var (name, value) in tags)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text)
            {
                _labels.Add((Part(name), options.HasTags ? TagValue(text) : Part(text)));
            }
        }

        _labels.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return string.Concat(_labels.Select(label => options.HasTags ? $";{label.Name}={label.Value}" : $".{label.Name}.{label.Value}"));
    }

    private static string TagValue(string text) => Clean(text, character => character is > ' ' and < '\x7F' and not (';' or '~'));

    private static string Clean(string text, Func<char, bool> isAllowed) => string.Concat(text.Select(character => isAllowed(character) ? character : '_'));
}
