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
    };
}
