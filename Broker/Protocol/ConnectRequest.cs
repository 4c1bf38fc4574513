using System.Collections.Frozen;

namespace ClawEvents.Broker.Protocol;

/// <summary>What a connect may say besides token and data. Not changed any more once it has been read.</summary>
internal sealed class ConnectRequest
{
    private Dictionary<string, Command>? _subscriptions;
    private Dictionary<string, string>? _headers;

    /// <summary>What kind of client it is; free text, as the client says.</summary>
    public string Name { get; set; } = "";

    /// <summary>The client's version; free text.</summary>
    public string Version { get; set; } = "";

    /// <summary>
    /// Subscriptions the client had or would like, by channel: each a <see cref="CommandKind.Subscribe"/> without an id, as short-lived as the
    /// command. At most <see cref="ProtocolLimits.MaxMapEntries"/>.
    /// </summary>
    public IReadOnlyDictionary<string, Command> Subscriptions => _subscriptions ?? (IReadOnlyDictionary<string, Command>)FrozenDictionary<string, Command>.Empty;

    /// <summary>Headers told here because a browser does not let its scripts send them; names as the client spelt them. At most as many.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers ?? (IReadOnlyDictionary<string, string>)FrozenDictionary<string, string>.Empty;

    /// <summary>Adds a subscription, or replaces the one of the same channel.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryAddSubscription(string channel, in Command subscribe)
    {
        (_subscriptions ??= [])[channel] = subscribe;
        return _subscriptions.Count <= ProtocolLimits.MaxMapEntries;
    }

    /// <inheritdoc cref="TryAddSubscription"/>
    public bool TryAddHeader(string name, string value)
    {
        (_headers ??= [])[name] = value;
        return _headers.Count <= ProtocolLimits.MaxMapEntries;
    }
}
