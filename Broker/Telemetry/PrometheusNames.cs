using System.Diagnostics.Metrics;

namespace ClawEvents.Broker.Telemetry;

/// <summary>The names of instruments in Prometheus, and those by which dashboards of a Centrifugo know them.</summary>
internal static class PrometheusNames
{
    // The labels that are kept are Centrifugo's own. docs/reference/metrics.md#centrifugos-names
    private static readonly Dictionary<string, Alias> Aliases = new(StringComparer.Ordinal)
    {
        ["clawevents.build"] = new("centrifugo_node_build", "version"),
        ["clawevents.connections"] = new("centrifugo_node_num_clients"),
        ["clawevents.users"] = new("centrifugo_node_num_users"),
        ["clawevents.channels"] = new("centrifugo_node_num_channels"),
        ["clawevents.subscriptions"] = new("centrifugo_node_num_subscriptions"),
        ["clawevents.nodes"] = new("centrifugo_node_num_nodes"),
        ["clawevents.connections.opened"] = new("centrifugo_client_connections_accepted", "transport"),
        ["clawevents.disconnects"] = new("centrifugo_client_num_server_disconnects", "code"),
        ["clawevents.unsubscribes"] = new("centrifugo_client_num_server_unsubscribes", "code"),
        ["clawevents.refusals"] = new("centrifugo_client_num_reply_errors", "method", "code"),
        ["clawevents.recoveries"] = new("centrifugo_client_recover", "recovered"),
        ["clawevents.recoveries.publications"] = new("centrifugo_client_recovered_publications"),
        ["clawevents.consumers.processed"] = new("centrifugo_consumers_messages_processed_total", "consumer_name"),
        ["clawevents.consumers.errors"] = new("centrifugo_consumers_errors_total", "consumer_name"),
        ["clawevents.command.duration"] = new("centrifugo_client_command_duration_seconds_histogram", "method"),
    };

    /// <summary>By OpenTelemetry's rules: dots become underscores, the unit is spelled out, a counter ends with total.</summary>
    public static string Of(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        var isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return $"{instrument.Name.Replace('.', '_').Replace('-', '_')}{unit}{(isCounter ? "_total" : "")}";
    }

    /// <returns>Null when Centrifugo has no such figure.</returns>
    public static Alias? InCentrifugo(Instrument instrument) => Aliases.GetValueOrDefault(instrument.Name);

    internal sealed record Alias(string Name, params string[] Labels);
}
