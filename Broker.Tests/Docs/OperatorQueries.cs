using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The queries that operators get with the broker: those of the dashboard, of the alerts, and of the pages.</summary>
internal static partial class OperatorQueries
{
    public const string Dashboard = "docs/operations/grafana/clawevents.json";
    public const string Alerts = "docs/operations/prometheus/alerts.yml";

    /// <summary>By the title of their panel.</summary>
    public static IReadOnlyList<(string Title, string Query)> OfDashboard { get; } =
    [
        .. from panel in JsonNode.Parse(DeploymentFiles.Read(Dashboard))!["panels"]!.AsArray()
           from target in panel!["targets"]?.AsArray() ?? []
           select (panel["title"]!.GetValue<string>(), target!["expr"]!.GetValue<string>()),
    ];

    /// <summary>By the name of the alert.</summary>
    public static IReadOnlyList<(string Title, string Query)> OfAlerts { get; } =
        [.. AlertPattern().Matches(DeploymentFiles.Read(Alerts)).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    /// <summary>The metrics of the broker that a text names, without the endings of histograms.</summary>
    public static IEnumerable<string> MetricsIn(string text) =>
        MetricPattern().Matches(text).Select(match => EndingPattern().Replace(match.Value, "")).Distinct();

    [GeneratedRegex(@"- alert: (\w+)\n\s+expr: (.+)")]
    private static partial Regex AlertPattern();

    [GeneratedRegex(@"\b(clawevents|dotnet|http_server)_[a-z_]+[a-z]\b")]
    private static partial Regex MetricPattern();

    [GeneratedRegex("(?<=_seconds)_(bucket|count|sum)$")]
    private static partial Regex EndingPattern();
}
