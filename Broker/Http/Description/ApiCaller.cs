namespace ClawEvents.Broker.Http.Description;

/// <summary>The kinds of caller that an endpoint accepts.</summary>
internal enum ApiCaller : byte
{
    Anybody,

    /// <summary>An agent or app, by a bearer token.</summary>
    Token,

    /// <summary>A back end, by the key of the server API.</summary>
    Key,

    /// <summary>Either of the two.</summary>
    TokenOrKey,
}
