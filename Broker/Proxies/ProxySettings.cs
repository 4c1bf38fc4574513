using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Proxies;

/// <summary>The meaning of an HTTP status of a back end: exactly one of the two is set.</summary>
internal sealed record StatusTransform(ErrorCode? Error, DisconnectCode? Disconnect)
{
    public Outcome<T> ToOutcome<T>()
        where T : class =>
        Disconnect is { } code ? Outcome<T>.Disconnected(code) : Outcome<T>.Refused(Error!);
}

/// <summary>A back end that is asked about what clients do. Immutable. docs/reference/proxies.md</summary>
/// <param name="Name">What the settings call it; compared without regard to case.</param>
/// <param name="Endpoint">An absolute http or https address that every event is posted to.</param>
internal sealed record ProxySettings(string Name, Uri Endpoint)
{
    /// <summary>How long an answer may take, from the first byte sent to the last one received.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Headers of the client's own request that go along; nothing goes along that is not named here.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Headers that go along when the client names them in its connect command, as pages have to, which cannot set any.</summary>
    public IReadOnlyList<string> EmulatedHeaders { get; init; } = [];

    /// <summary>Headers of every event; a client's header of the same name takes their place.</summary>
    public IReadOnlyDictionary<string, string> StaticHeaders { get; init; } = new Dictionary<string, string>();

    /// <summary>Payloads are written as base64 and may then be any bytes.</summary>
    public bool UsesBase64 { get; init; }

    /// <summary>The connection's <c>meta</c> is told.</summary>
    public bool IncludesMeta { get; init; }

    /// <summary>By status; other statuses but 200 are a fault of the back end.</summary>
    public IReadOnlyDictionary<int, StatusTransform> Transforms { get; init; } = new Dictionary<int, StatusTransform>();
}
