using System.Collections.Frozen;
using System.Globalization;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads <see cref="TransportSettings"/>.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class TransportSettingsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private const int MostBytes = 64 * 1024 * 1024;

    private static readonly TransportSettings Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public TransportSettings Read() => new()
    {
        WebSocket = _source.Flag("WebSocket", Defaults.WebSocket),
        CompressesWebSockets = _source.Flag("WebSocketCompression", Defaults.CompressesWebSockets),
        CompressionMinBytes = _source.Number("WebSocketCompressionMinBytes", Defaults.CompressionMinBytes, 0, 1024 * 1024),
        CompressionLevel = _source.Number("WebSocketCompressionLevel", Defaults.CompressionLevel, 1, 9),
        WriteTimeout = Milliseconds("WebSocketWriteMilliseconds"),
        UniWriteTimeout = Milliseconds("UniWebSocketWriteMilliseconds"),
        HttpStream = _source.Flag("HttpStream", Defaults.HttpStream),
        Events = _source.Flag("Sse", Defaults.Events),
        UniWebSocket = _source.Flag("UniWebSocket", Defaults.UniWebSocket),
        UniHttpStream = _source.Flag("UniHttpStream", Defaults.UniHttpStream),
        UniEvents = _source.Flag("UniSse", Defaults.UniEvents),
        Init = _source.Flag("ConnectionInit", Defaults.Init),
        Paths = ReadPaths(Defaults.Paths),
        MaxDecompressedBytes = _source.Number("WebSocketDecompressedMaxBytes", Defaults.MaxDecompressedBytes, 0, MostBytes),
        CompressesUniWebSockets = _source.Flag("UniWebSocketCompression"),
        UniCompressionMinBytes = Optional("UniWebSocketCompressionMinBytes", 0, 0, 1024 * 1024),
        UniCompressionLevel = Optional("UniWebSocketCompressionLevel", 1, 1, 9),
        UniMaxDecompressedBytes = Optional("UniWebSocketDecompressedMaxBytes", 0, 0, MostBytes),
        UniWebSocketMaxBytes = Limit("UniWebSocketMaxMessageBytes"),
        SendsUniDisconnectPush = _source.Flag("UniWebSocketDisconnectPush", Defaults.SendsUniDisconnectPush),
        SendsUniCloseFrame = _source.Flag("UniWebSocketClosingHandshake", Defaults.SendsUniCloseFrame),
        HttpStreamMaxBytes = Limit("HttpStreamMaxRequestBytes"),
        EventsMaxBytes = Limit("SseMaxRequestBytes"),
        UniHttpStreamMaxBytes = Limit("UniHttpStreamMaxRequestBytes"),
        UniEventsMaxBytes = Limit("UniSseMaxRequestBytes"),
        EmulationMaxBytes = Limit("EmulationMaxRequestBytes"),
        UniDisconnects = ReadDisconnects(),
        UniEventsFailures = ReadFailures("UniSseConnectAnswers"),
        UniHttpStreamFailures = ReadFailures("UniHttpStreamConnectAnswers"),
    };

    private TimeSpan Milliseconds(string name) => TimeSpan.FromMilliseconds(_source.Number(name, 0, 0, 3_600_000));

    // As MaxMessageBytes.
    private int? Limit(string name) => Optional(name, 64 * 1024, 1024, 1024 * 1024);

    private int? Optional(string name, int example, int least, int most) => _source.Text(name) is null ? null : _source.Number(name, example, least, most);

    private FrozenDictionary<int, DisconnectCode> ReadDisconnects()
    {
        var disconnects = new Dictionary<int, DisconnectCode>();
        foreach (var section in configuration.GetSection("UniDisconnects").GetChildren())
        {
            if (int.TryParse(section["code"], NumberStyles.None, CultureInfo.InvariantCulture, out var error)
                && int.TryParse(section["to:code"], NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                && DisconnectCode.Custom(code, section["to:reason"] ?? "") is { } disconnect)
            {
                disconnects[error] = disconnect;
            }
            else
            {
                fault(section.Path, "it needs the code of an error, to:code from 3000 to 4999, and to:reason of at most 123 bytes", $"{section.Path}:to:code=4001");
            }
        }

        return disconnects.ToFrozenDictionary();
    }

    private FrozenDictionary<int, ConnectFailure> ReadFailures(string name)
    {
        var failures = new Dictionary<int, ConnectFailure>();
        foreach (var section in configuration.GetSection(name).GetChildren())
        {
            if (int.TryParse(section["code"], NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                && int.TryParse(section["to:status_code"], NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and <= 599)
            {
                failures.TryAdd(code, new(status, section["to:body"] ?? ""));
            }
            else
            {
                fault(section.Path, "it needs the code of an error or a disconnect, or 0 for all others, and to:status_code from 200 to 599", $"{section.Path}:to:status_code=401");
            }
        }

        return failures.ToFrozenDictionary();
    }

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
