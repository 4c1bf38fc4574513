namespace ClawEvents.Broker.Configuration;

/// <summary>Settings for the operation of the broker. docs/reference/settings.md names the keys.</summary>
internal sealed record OperationSettings
{
    /// <summary><c>InternalPort</c>: metrics, statistics and the server API are only on this port. 0 selects a free port; null for no such port.</summary>
    public int? InternalPort { get; init; }

    /// <summary><c>InternalHost</c>, in the form of <see cref="BrokerOptions.Host"/>; null for the same.</summary>
    public string? InternalHost { get; init; }

    /// <summary><c>ServerApiExternal</c>: the server API is on both ports.</summary>
    public bool IsServerApiExternal { get; init; }

    /// <summary><c>TlsExternalOnly</c>: the internal port uses plain HTTP even if there is a certificate.</summary>
    public bool IsTlsExternalOnly { get; init; }

    /// <summary><c>Metrics</c>.</summary>
    public bool ShowsMetrics { get; init; }

    /// <summary><c>MetricsPath</c>.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary><c>HealthPath</c>.</summary>
    public string HealthPath { get; init; } = "/health";

    /// <summary><c>AccessLog</c>: a line for each HTTP request.</summary>
    public bool AccessLog { get; init; }

    /// <summary><c>MaxConnections</c> of clients to this node; 0 for no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary><c>ConnectionsPerSecond</c> that are accepted; 0 for no limit.</summary>
    public int ConnectionsPerSecond { get; init; }

    /// <summary><c>ShutdownSeconds</c>: time limit for clients to disconnect when the broker stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
