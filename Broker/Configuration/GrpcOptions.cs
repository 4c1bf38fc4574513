namespace ClawEvents.Broker.Configuration;

/// <summary>A port of its own that speaks gRPC. docs/reference/grpc.md</summary>
/// <param name="Prefix">Begins the names of its settings.</param>
/// <param name="Host">In the form of <see cref="ListenerOptions.Host"/>.</param>
/// <param name="Port">0 selects a free port.</param>
internal sealed record GrpcListener(string Prefix, string Host, int Port)
{
    /// <summary>Null for HTTP/2 without TLS.</summary>
    public ServerTls? Tls { get; init; }

    /// <summary><c>…MaxMessageBytes</c>: size limit of one message of a caller.</summary>
    public required int MaxMessageBytes { get; init; }
}

/// <summary>The doors that speak gRPC: both are closed by default.</summary>
internal sealed record GrpcOptions
{
    /// <summary><c>GrpcApi</c>: the server API; null: closed.</summary>
    public GrpcListener? Api { get; init; }

    /// <summary><c>GrpcApiKey</c>; null only together with <see cref="IsApiInsecure"/>.</summary>
    public string? ApiKey { get; init; }

    /// <summary><c>GrpcApiInsecure</c>: anyone who reaches the port may call.</summary>
    public bool IsApiInsecure { get; init; }

    /// <summary><c>GrpcApiErrorMode</c> is <c>transport</c>: errors are statuses of gRPC, not fields of replies.</summary>
    public bool ApiErrorsAreStatuses { get; init; }

    /// <summary><c>GrpcApiReflection</c>: callers with the key may ask for the description of the API.</summary>
    public bool HasApiReflection { get; init; }

    /// <summary><c>UniGrpc</c>: the stream for clients; null: closed.</summary>
    public GrpcListener? Stream { get; init; }

    /// <summary>Those that are open, in the order in which they listen.</summary>
    public IEnumerable<GrpcListener> Doors => new[] { Api, Stream }.OfType<GrpcListener>();

    public bool IsOn => Doors.Any();
}
