namespace ClawEvents.Broker.Protocol;

/// <summary>What a connect may say besides token and data.</summary>
internal sealed record ConnectRequest
{
    /// <summary>What kind of client it is; free text, as the client says.</summary>
    public string Name { get; init; } = "";

    /// <summary>The client's version; free text.</summary>
    public string Version { get; init; } = "";

    /// <summary>
    /// Subscriptions the client had or would like, by channel: each a <see cref="CommandKind.Subscribe"/> without an id. As short-lived as the
    /// command. At most <see cref="ProtocolLimits.MaxMapEntries"/>.
    /// </summary>
    public IReadOnlyDictionary<string, Command> Subscriptions { get; init; } = System.Collections.Frozen.FrozenDictionary<string, Command>.Empty;

    /// <summary>Headers that a client tells because a browser does not let it send them, names as it spelt them. As many.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}
