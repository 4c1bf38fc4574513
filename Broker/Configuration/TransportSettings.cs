using System.Collections.Frozen;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Configuration;

/// <summary>The transports of clients. docs/reference/transports.md</summary>
internal sealed record TransportSettings
{
    /// <summary><c>WebSocket</c>.</summary>
    public bool WebSocket { get; init; } = true;

    /// <summary><c>WebSocketCompression</c>: messages are compressed for clients that offer it, at the cost of compressing for each of them.</summary>
    public bool CompressesWebSockets { get; init; }

    /// <summary><c>WebSocketCompressionMinBytes</c>: shorter messages are not compressed.</summary>
    public int CompressionMinBytes { get; init; }

    /// <summary><c>WebSocketCompressionLevel</c>: 1, the fastest, to 9, the shortest.</summary>
    public int CompressionLevel { get; init; } = 1;

    /// <summary><c>WebSocketWriteMilliseconds</c>: a client whose transport accepts nothing for so long, while bytes wait for it, is disconnected; zero: none is.</summary>
    public TimeSpan WriteTimeout { get; init; }

    /// <summary><c>UniWebSocketWriteMilliseconds</c>.</summary>
    public TimeSpan UniWriteTimeout { get; init; }

    /// <summary><c>HttpStream</c>.</summary>
    public bool HttpStream { get; init; } = true;

    /// <summary><c>Sse</c>: server-sent events.</summary>
    public bool Events { get; init; } = true;

    /// <summary><c>UniWebSocket</c>.</summary>
    public bool UniWebSocket { get; init; } = true;

    /// <summary><c>UniHttpStream</c>.</summary>
    public bool UniHttpStream { get; init; } = true;

    /// <summary><c>UniSse</c>.</summary>
    public bool UniEvents { get; init; } = true;

    public TransportPaths Paths { get; init; } = new();

    /// <summary><c>WebSocketDecompressedMaxBytes</c>: size limit of a client's message after it has been decompressed; 0: ten times <c>MaxMessageBytes</c>.</summary>
    public int MaxDecompressedBytes { get; init; }

    /// <summary><c>UniWebSocketCompression</c>: the same as <see cref="CompressesWebSockets"/> for unidirectional ones.</summary>
    public bool CompressesUniWebSockets { get; init; }

    /// <summary><c>UniWebSocketCompressionMinBytes</c>; null: <see cref="CompressionMinBytes"/>.</summary>
    public int? UniCompressionMinBytes { get; init; }

    /// <summary><c>UniWebSocketCompressionLevel</c>; null: <see cref="CompressionLevel"/>.</summary>
    public int? UniCompressionLevel { get; init; }

    /// <summary><c>UniWebSocketDecompressedMaxBytes</c>; null: <see cref="MaxDecompressedBytes"/>.</summary>
    public int? UniMaxDecompressedBytes { get; init; }

    /// <summary><c>UniWebSocketMaxMessageBytes</c>: size limit of a message on a unidirectional WebSocket; null: <c>MaxMessageBytes</c>.</summary>
    public int? UniWebSocketMaxBytes { get; init; }

    /// <summary><c>UniWebSocketDisconnectPush</c>: before its close frame, a unidirectional WebSocket gets a push with the same code.</summary>
    public bool SendsUniDisconnectPush { get; init; } = true;

    /// <summary><c>UniWebSocketClosingHandshake</c>: the broker ends a unidirectional WebSocket with a close frame.</summary>
    public bool SendsUniCloseFrame { get; init; } = true;

    /// <summary><c>HttpStreamMaxRequestBytes</c>: size limit of the body that opens the stream; null: <c>MaxMessageBytes</c>. So are the following.</summary>
    public int? HttpStreamMaxBytes { get; init; }

    /// <summary><c>SseMaxRequestBytes</c>.</summary>
    public int? EventsMaxBytes { get; init; }

    /// <summary><c>UniHttpStreamMaxRequestBytes</c>.</summary>
    public int? UniHttpStreamMaxBytes { get; init; }

    /// <summary><c>UniSseMaxRequestBytes</c>.</summary>
    public int? UniEventsMaxBytes { get; init; }

    /// <summary><c>EmulationMaxRequestBytes</c>: of the body with commands for a stream.</summary>
    public int? EmulationMaxBytes { get; init; }

    /// <summary><c>UniDisconnects</c>: the disconnect that stands for an error of the connect, by the error's code, where there are no replies.</summary>
    public IReadOnlyDictionary<int, DisconnectCode> UniDisconnects { get; init; } = FrozenDictionary<int, DisconnectCode>.Empty;

    /// <summary><c>UniSseConnectAnswers</c>: the HTTP answer to a connect that fails, in place of a stream, by the code of the error or disconnect; 0: by any other.</summary>
    public IReadOnlyDictionary<int, ConnectFailure> UniEventsFailures { get; init; } = FrozenDictionary<int, ConnectFailure>.Empty;

    /// <summary><c>UniHttpStreamConnectAnswers</c>: the same.</summary>
    public IReadOnlyDictionary<int, ConnectFailure> UniHttpStreamFailures { get; init; } = FrozenDictionary<int, ConnectFailure>.Empty;

    /// <summary>The disconnect that reports an error of the connect on transports without replies.</summary>
    public DisconnectCode DisconnectFor(ErrorCode error) => UniDisconnects.GetValueOrDefault(error.Code) ?? DisconnectCode.InPlaceOf(error);

    /// <summary>Size limit of one message of a client, as it is received.</summary>
    /// <param name="usual"><c>MaxMessageBytes</c>.</param>
    public int MaxBytesOf(Wire wire, int usual) => wire.PongsAreFrames && UniWebSocketMaxBytes is { } most ? most : usual;

    /// <summary>Size limit of one message of a client after it has been decompressed; 0: ten times <see cref="MaxBytesOf"/>.</summary>
    public int MaxDecompressedBytesOf(Wire wire) => wire.PongsAreFrames && UniMaxDecompressedBytes is { } most ? most : MaxDecompressedBytes;

    /// <summary>How messages are compressed, where they are. A new object each time.</summary>
    public Compression Compression => new(new(CompressionMinBytes, CompressionLevel), new(UniCompressionMinBytes ?? CompressionMinBytes, UniCompressionLevel ?? CompressionLevel));

    /// <summary><c>ConnectionInit</c>: a path with an empty answer, to which a load balancer can add its cookie.</summary>
    public bool Init { get; init; } = true;
}

/// <summary>The HTTP answer to a connect that fails.</summary>
/// <param name="Status">200 to 599.</param>
/// <param name="Body">Empty: the text of the error or disconnect.</param>
internal sealed record ConnectFailure(int Status, string Body)
{
    /// <summary>The answer to a connect that ended with this code; null: none is set.</summary>
    public static ConnectFailure? Find(IReadOnlyDictionary<int, ConnectFailure> failures, int code) => failures.GetValueOrDefault(code) ?? failures.GetValueOrDefault(0);
}
