namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="GrpcOptions"/>.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class GrpcOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const string ApiName = "GrpcApi";
    private const string StreamName = "UniGrpc";
    private const int MostMessageBytes = 64 * 1024 * 1024;

    private readonly SettingSource _source = new(configuration, fault);

    /// <param name="listeners">The other ports.</param>
    public GrpcOptions Read(ListenerOptions listeners)
    {
        var options = new GrpcOptions
        {
            Api = Listener(ApiName, listeners, port: 10_000, maxMessageBytes: 4 * 1024 * 1024),
            ApiKey = _source.Text("GrpcApiKey"),
            IsApiInsecure = _source.Flag("GrpcApiInsecure"),
            ApiErrorsAreStatuses = ErrorMode(),
            HasApiReflection = _source.Flag("GrpcApiReflection"),
            Stream = Listener(StreamName, listeners, port: 11_000, maxMessageBytes: 64 * 1024),
        };
        CheckKey(options);
        CheckPorts(options, listeners);
        return options;
    }

    // All settings are read, so that a fault is found before the door is opened.
    private GrpcListener? Listener(string prefix, ListenerOptions listeners, int port, int maxMessageBytes)
    {
        var host = _source.Host($"{prefix}Host") ?? (ListenerOptions.SocketPathOf(listeners.Host) is null ? listeners.Host : "localhost");
        var files = new TlsFiles(_source, fault);
        var listener = new GrpcListener(prefix, host, _source.Number($"{prefix}Port", port, 0, 65535))
        {
            Tls = files.Read(prefix),
            MaxMessageBytes = _source.Number($"{prefix}MaxMessageBytes", maxMessageBytes, 1024, MostMessageBytes),
        };
        return _source.Flag(prefix) ? listener : null;
    }

    private bool ErrorMode()
    {
        var mode = _source.Text("GrpcApiErrorMode");
        if (mode is not (null or "transport"))
        {
            fault("GrpcApiErrorMode", $"'{mode}' is not a mode; leave it out to have errors in replies", "transport");
        }

        return mode is not null;
    }

    private void CheckKey(GrpcOptions options)
    {
        if (options is { Api: not null, ApiKey: null, IsApiInsecure: false })
        {
            fault("GrpcApiKey", "it is required with GrpcApi; or set GrpcApiInsecure, and anyone who reaches the port may publish and disconnect", "$(openssl rand -hex 32)");
        }
    }

    // The second one would be refused when the first one listens.
    private void CheckPorts(GrpcOptions options, ListenerOptions listeners)
    {
        List<(string Name, string Host, int? Port)> taken = [("PORT", listeners.Host, listeners.Port), ("InternalPort", listeners.HostOfInternalPort, listeners.InternalPort)];
        foreach (var listener in options.Doors)
        {
            var name = $"{listener.Prefix}Port";
            if (listener.Port > 0 && taken.Find(other => (other.Host, other.Port) == (listener.Host, listener.Port)) is { Name: { } same })
            {
                fault(name, $"{listener.Port} is {same}, too", $"{listener.Port + 1}");
            }

            taken.Add((name, listener.Host, listener.Port));
        }
    }
}
