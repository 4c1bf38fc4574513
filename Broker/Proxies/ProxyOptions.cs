using System.Collections.Frozen;

namespace ClawEvents.Broker.Proxies;

/// <summary>Which back ends there are, and which is asked about what. Immutable.</summary>
/// <remarks>Who is asked about a channel is said by the options of its namespace, by name.</remarks>
internal sealed class ProxyOptions
{
    /// <summary>Nobody is asked.</summary>
    public static ProxyOptions None { get; } = new(new Dictionary<string, ProxySettings>());

    private readonly FrozenDictionary<string, ProxySettings> _byName;

    public ProxyOptions(IReadOnlyDictionary<string, ProxySettings> byName)
    {
        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Headers = byName.Values.SelectMany(proxy => proxy.Headers).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        EmulatedHeaders = byName.Values.SelectMany(proxy => proxy.EmulatedHeaders).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Asked who a client without a token is; null: nobody.</summary>
    public ProxySettings? Connect { get; init; }

    /// <summary>Asked whether a connection whose time is over may go on; null: its client has to bring a new token.</summary>
    public ProxySettings? Refresh { get; init; }

    public RpcOptions Rpc { get; init; } = new();

    /// <summary>What any of them is told of a client's request: a connection keeps these headers and no others.</summary>
    public FrozenSet<string> Headers { get; }

    /// <summary>The same of a connect command's headers.</summary>
    public FrozenSet<string> EmulatedHeaders { get; }

    /// <returns>Null for null: nobody is asked.</returns>
    /// <exception cref="KeyNotFoundException">There is no such back end; the settings are checked for it at the start.</exception>
    public ProxySettings? Find(string? name) => name is null ? null : _byName[name];
}
