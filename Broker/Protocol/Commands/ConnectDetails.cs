using System.Collections.Frozen;

namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>The fields of a connect other than token and data. Not changed after it was read.</summary>
internal sealed class ConnectDetails
{
    /// <summary>Free text: the kind of client.</summary>
    public string Name = "";

    /// <summary>Free text: the client's version.</summary>
    public string Version = "";

    private Dictionary<string, SubscribeCommand>? _subscriptions;
    private Dictionary<string, string>? _headers;

    /// <summary>Of a connect without details. Shared by all of them.</summary>
    public static ConnectDetails None { get; } = new();

    /// <summary>Subscriptions that the client had or wants, by channel. At most <see cref="ProtocolLimits.MaxMapEntries"/>.</summary>
    /// <remarks>Valid only as long as the command.</remarks>
    public IReadOnlyDictionary<string, SubscribeCommand> Subscriptions =>
        _subscriptions ?? (IReadOnlyDictionary<string, SubscribeCommand>)FrozenDictionary<string, SubscribeCommand>.Empty;

    /// <summary>Headers that a browser does not let its scripts send; names as the client spelt them. At most <see cref="ProtocolLimits.MaxMapEntries"/>.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers ?? (IReadOnlyDictionary<string, string>)FrozenDictionary<string, string>.Empty;

    /// <summary>Adds a subscription, or replaces the one of the same channel.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryAddSubscription(string channel, in SubscribeCommand subscribe)
    {
        (_subscriptions ??= [])[channel] = subscribe;
        return _subscriptions.Count <= ProtocolLimits.MaxMapEntries;
    }

    /// <summary>Adds a header, or replaces the one of the same name.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryAddHeader(string name, string value)
    {
        (_headers ??= [])[name] = value;
        return _headers.Count <= ProtocolLimits.MaxMapEntries;
    }
}
