using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads where the broker listens.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class ListenerOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const int MaxReactors = 1024;

    private static readonly ListenerOptions Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public ListenerOptions Read()
    {
        var options = ReadOptions();
        CheckPorts(options);
        return options;
    }

    private ListenerOptions ReadOptions()
    {
        var files = new TlsFiles(_source, fault);
        return new ListenerOptions
        {
            Port = _source.Number("PORT", Defaults.Port, 0, 65535),
            Host = _source.Host("CLAW_HOST") ?? Defaults.Host,
            AllowedHosts = _source.Globs("AllowedHosts", "*.example.com"),
            TlsCertificateFile = files.Read("TlsCertificateFile", "TlsKeyFile"),
            TlsKeyFile = files.Read("TlsKeyFile", "TlsCertificateFile"),
            TlsClientAuthorityFile = files.ReadClientAuthorities(""),
            OwnInternalTls = files.Read("Internal"),
            Acme = new AcmeOptionsReader(configuration, fault).Read(_source.Text("CLAW_DATA_DIR") ?? new StateOptions().DataFolder),
            MaxRequestBytes = _source.Number("MaxRequestBytes", Defaults.MaxRequestBytes, 1024, 64 * 1024 * 1024),
            InternalPort = _source.Text("InternalPort") is null ? null : _source.Number("InternalPort", 8081, 0, 65535),
            InternalHost = _source.Host("InternalHost"),
            IsTlsExternalOnly = _source.Flag("TlsExternalOnly"),
            TrustedProxies = _source.Networks("TrustedProxies", "unix", out var trustsUnixSocket),
            TrustsUnixSocket = trustsUnixSocket,
            MaxSockets = _source.Number("MaxSockets", Defaults.MaxSockets, 0, 10_000_000),
            MaxHttpConnections = _source.Number("MaxHttpConnections", Defaults.MaxHttpConnections, 0, 10_000_000),
            Transport = _source.Choice("Transport", Defaults.Transport),
            Reactors = _source.Number("Reactors", Defaults.Reactors, 0, MaxReactors),
            AccessLog = _source.Flag("AccessLog"),
            LogFormat = new LoggingSettingsReader(configuration, fault).ReadFormat(),
            NodeName = _source.Text("NodeName"),
            LogFile = _source.Text("LogFile"),
            PidFile = _source.Text("PidFile"),
            ShutdownTimeout = TimeSpan.FromSeconds(_source.Number("ShutdownSeconds", (int)Defaults.ShutdownTimeout.TotalSeconds, 1, 3600)),
            DrainDelay = TimeSpan.FromSeconds(_source.Number("DrainDelaySeconds", 0, 0, 3600)),
            DrainTime = _source.Text("DrainSeconds") is null ? null : TimeSpan.FromSeconds(_source.Number("DrainSeconds", 0, 0, 3600)),
        };
    }

    // The second one would be refused when the first one listens.
    private void CheckPorts(ListenerOptions options)
    {
        if (options.Port > 0 && options.InternalPort == options.Port && options.HostOfInternalPort == options.Host)
        {
            fault("InternalPort", $"{options.Port} is PORT, too", $"{options.Port + 1}");
        }
    }
}
