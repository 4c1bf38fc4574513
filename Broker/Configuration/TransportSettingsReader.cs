namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="TransportSettings"/>.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class TransportSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private static readonly TransportSettings Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public TransportSettings Read() => new()
    {
        WebSocket = _source.Flag("WebSocket", Defaults.WebSocket),
        CompressesWebSockets = _source.Flag("WebSocketCompression", Defaults.CompressesWebSockets),
        CompressionMinBytes = _source.Number("WebSocketCompressionMinBytes", Defaults.CompressionMinBytes, 0, 1024 * 1024),
        HttpStream = _source.Flag("HttpStream", Defaults.HttpStream),
        Events = _source.Flag("Sse", Defaults.Events),
        UniWebSocket = _source.Flag("UniWebSocket", Defaults.UniWebSocket),
        UniHttpStream = _source.Flag("UniHttpStream", Defaults.UniHttpStream),
        UniEvents = _source.Flag("UniSse", Defaults.UniEvents),
        Init = _source.Flag("ConnectionInit", Defaults.Init),
        Paths = ReadPaths(Defaults.Paths),
    };

    private TransportPaths ReadPaths(TransportPaths defaults)
    {
        var paths = new TransportPaths
        {
            WebSocket = _source.Path("WebSocketPath", defaults.WebSocket),
            HttpStream = _source.Path("HttpStreamPath", defaults.HttpStream),
            Events = _source.Path("SsePath", defaults.Events),
            UniWebSocket = _source.Path("UniWebSocketPath", defaults.UniWebSocket),
            UniHttpStream = _source.Path("UniHttpStreamPath", defaults.UniHttpStream),
            UniEvents = _source.Path("UniSsePath", defaults.UniEvents),
            Init = _source.Path("ConnectionInitPath", defaults.Init),
            Emulation = _source.Path("EmulationPath", defaults.Emulation),
        };
        foreach (var twins in paths.All.GroupBy(entry => entry.Path).Where(group => group.Count() > 1))
        {
            fault(twins.Last().Setting, $"'{twins.Key}' is the path of {twins.First().Setting}, too", defaults.All.Single(entry => entry.Setting == twins.Last().Setting).Path);
        }

        return paths;
    }
}
