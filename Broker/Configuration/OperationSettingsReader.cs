namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="OperationSettings"/>.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class OperationSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const string LogLevelKey = "Logging:LogLevel:Default";

    private static readonly OperationSettings Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public OperationSettings Read()
    {
        CheckLogLevel();
        return new OperationSettings
        {
            InternalPort = _source.Text("InternalPort") is null ? null : _source.Number("InternalPort", 8081, 0, 65535),
            InternalHost = _source.Host("InternalHost"),
            IsServerApiExternal = _source.Flag("ServerApiExternal"),
            IsTlsExternalOnly = _source.Flag("TlsExternalOnly"),
            ShowsMetrics = _source.Flag("Metrics"),
            MetricsPath = _source.Path("MetricsPath", Defaults.MetricsPath),
            HealthPath = _source.Path("HealthPath", Defaults.HealthPath),
            AccessLog = _source.Flag("AccessLog"),
            MaxConnections = _source.Number("MaxConnections", Defaults.MaxConnections, 0, 10_000_000),
            ConnectionsPerSecond = _source.Number("ConnectionsPerSecond", Defaults.ConnectionsPerSecond, 0, 1_000_000),
            ShutdownTimeout = TimeSpan.FromSeconds(_source.Number("ShutdownSeconds", (int)Defaults.ShutdownTimeout.TotalSeconds, 1, 3600)),
        };
    }

    // .NET reads this setting, too, but its error would not name it.
    private void CheckLogLevel()
    {
        if (_source.Text(LogLevelKey) is { } level && !Enum.TryParse<LogLevel>(level, ignoreCase: true, out _))
        {
            fault(LogLevelKey, $"'{level}' is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}", "Information");
        }
    }
}
