using System.Collections.Frozen;

namespace ClawEvents.Broker.Proxies;

/// <summary>The configured back ends, and which of them is asked about each event. Immutable.</summary>
/// <remarks>The options of a namespace name the back end for its channels.</remarks>
internal sealed class ProxyOptions
{
    /// <summary>No back end is asked.</summary>
    public static ProxyOptions None { get; } = new(new Dictionary<string, ProxySettings>());

    private readonly FrozenDictionary<string, ProxySettings> _byName;

    public ProxyOptions(IReadOnlyDictionary<string, ProxySettings> byName)
    {
        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Headers = byName.Values.SelectMany(proxy => proxy.Headers).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        EmulatedHeaders = byName.Values.SelectMany(proxy => proxy.EmulatedHeaders).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Identifies clients without a token; null: no back end does.</summary>
    public ProxySettings? Connect { get; init; }

    /// <summary>Decides whether an expired connection may go on; null: its client has to bring a new token.</summary>
    public ProxySettings? Refresh { get; init; }

    /// <summary>All back ends, also those that nothing is asked of.</summary>
    public IEnumerable<ProxySettings> All => _byName.Values;

    public RpcOptions Rpc { get; init; } = new();

    /// <summary>All headers that some back end gets: a connection keeps these headers of its request and no others.</summary>
    public FrozenSet<string> Headers { get; }

    /// <summary>The same for the headers in a connect command.</summary>
    public FrozenSet<string> EmulatedHeaders { get; }

    /// <returns>Null for null: no back end is asked.</returns>
    /// <exception cref="KeyNotFoundException">There is no such back end; the settings are checked for this at start.</exception>
    public ProxySettings? Find(string? name) => name is null ? null : _byName[name];
}
