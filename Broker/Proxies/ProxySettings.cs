using ClawEvents.Broker.Http;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Proxies;

/// <summary>The meaning of an HTTP status of a back end: exactly one of the two is set.</summary>
internal sealed record StatusTransform(ErrorCode? Error, DisconnectCode? Disconnect)
{
    public Outcome<T> ToOutcome<T>()
        where T : class =>
        Disconnect is { } code ? Outcome<T>.Disconnected(code) : Outcome<T>.Refused(Error!);
}

/// <summary>A back end that is asked about events of clients. Immutable. docs/reference/proxies.md</summary>
/// <param name="Name">Its name in the settings; case-insensitive.</param>
/// <param name="Endpoint">An absolute http or https address to which every event is posted; or grpc, a host and a port.</param>
internal sealed record ProxySettings(string Name, Uri Endpoint)
{
    public const string GrpcScheme = "grpc";

    public bool IsGrpc => Endpoint.Scheme == GrpcScheme;

    /// <summary>How the back end is reached by TLS. Null: gRPC without TLS; or HTTP, with the usual TLS when its address is https.</summary>
    public ClientTls? Tls { get; init; }

    /// <summary>What is sent over gRPC is compressed with gzip.</summary>
    public bool Compresses { get; init; }

    /// <summary>Metadata of every call over gRPC, beside <see cref="StaticHeaders"/>; null: none.</summary>
    public KeyValuePair<string, string>? GrpcCredentials { get; init; }

    /// <summary>The time limit for an answer, from the first byte sent to the last one received.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Headers of the client's own request to forward; no others are forwarded.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Headers to forward from the connect command, where web pages put them because they cannot set any on the request.</summary>
    public IReadOnlyList<string> EmulatedHeaders { get; init; } = [];

    /// <summary>Headers of every event; a client's header of the same name replaces them.</summary>
    public IReadOnlyDictionary<string, string> StaticHeaders { get; init; } = new Dictionary<string, string>();

    /// <summary>Payloads are written as base64 and may then be any bytes.</summary>
    public bool UsesBase64 { get; init; }

    /// <summary>The connection's <c>meta</c> is sent.</summary>
    public bool IncludesMeta { get; init; }

    /// <summary>By status. Any other status except 200 is a fault of the back end.</summary>
    public IReadOnlyDictionary<int, StatusTransform> Transforms { get; init; } = new Dictionary<int, StatusTransform>();

    /// <summary>Whether a payload can be sent: a JSON body has no place for bytes.</summary>
    public bool Accepts(ReadOnlyMemory<byte>? payload) =>
        UsesBase64 || IsGrpc || payload is not { IsEmpty: false } data || JsonPayload.IsValid(data.Span);
}
