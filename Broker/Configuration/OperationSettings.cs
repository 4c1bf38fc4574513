namespace ClawEvents.Broker.Configuration;

/// <summary>How the broker is run and looked after. docs/reference/settings.md names the keys.</summary>
internal sealed record OperationSettings
{
    /// <summary><c>InternalPort</c>: metrics, statistics and the server API are answered there only. 0 takes any free port; null: there is none.</summary>
    public int? InternalPort { get; init; }

    /// <summary><c>InternalHost</c>, in the form of <see cref="BrokerOptions.Host"/>; null: that one.</summary>
    public string? InternalHost { get; init; }

    /// <summary><c>ServerApiExternal</c>: the server API is answered on both ports.</summary>
    public bool IsServerApiExternal { get; init; }

    /// <summary><c>TlsExternalOnly</c>: the internal port speaks plain HTTP also with a certificate.</summary>
    public bool IsTlsExternalOnly { get; init; }

    /// <summary><c>Metrics</c>.</summary>
    public bool ShowsMetrics { get; init; }

    /// <summary><c>MetricsPath</c>.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary><c>HealthPath</c>.</summary>
    public string HealthPath { get; init; } = "/health";

    /// <summary><c>AccessLog</c>: a line for each HTTP request.</summary>
    public bool AccessLog { get; init; }

    /// <summary><c>MaxConnections</c> of clients at once on this node; 0: no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary><c>ConnectionsPerSecond</c> that are let in; 0: no limit.</summary>
    public int ConnectionsPerSecond { get; init; }

    /// <summary><c>ShutdownSeconds</c>: how long clients may take to go when the broker stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
