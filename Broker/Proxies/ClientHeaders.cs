using System.Collections.Frozen;

namespace ClawEvents.Broker.Proxies;

/// <summary>The headers of a client that are sent to back ends. Immutable; most connections share <see cref="None"/>.</summary>
internal sealed class ClientHeaders
{
    // These describe the bytes on the wire, not the client; the sender writes its own.
    private static readonly FrozenSet<string> NeverForwarded = FrozenSet.ToFrozenSet(
        ["Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Host", "Expect", "Proxy-Connection", "Proxy-Authorization"],
        StringComparer.OrdinalIgnoreCase);

    private readonly KeyValuePair<string, string>[] _transport;
    private readonly KeyValuePair<string, string>[] _emulated;

    private ClientHeaders(KeyValuePair<string, string>[] transport, KeyValuePair<string, string>[] emulated)
    {
        _transport = transport;
        _emulated = emulated;
    }

    public static ClientHeaders None { get; } = new([], []);

    /// <summary>Keeps those headers of a request that are sent to any back end.</summary>
    /// <param name="headers">A name may occur several times.</param>
    /// <param name="kept">See <see cref="ProxyOptions.Headers"/>.</param>
    public static ClientHeaders Of(IEnumerable<KeyValuePair<string, string>> headers, FrozenSet<string> kept) =>
        kept.Count > 0 && Keep(headers, kept) is { Length: > 0 } transport ? new(transport, []) : None;

    /// <inheritdoc cref="Of(IEnumerable{KeyValuePair{string, string}}, FrozenSet{string})"/>
    public static ClientHeaders Of(IHeaderDictionary headers, FrozenSet<string> kept) => kept.Count == 0 ? None : Of(
        from header in headers from value in header.Value select KeyValuePair.Create(header.Key, value ?? ""), kept);

    /// <summary>A header of the client's request.</summary>
    /// <returns>Null when there is no such header, or it is not kept.</returns>
    public string? Find(string name) => Array.Find(_transport, header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The same headers, and those that the connect command names.</summary>
    /// <param name="kept">See <see cref="ProxyOptions.EmulatedHeaders"/>.</param>
    public ClientHeaders WithEmulated(IEnumerable<KeyValuePair<string, string>> headers, FrozenSet<string> kept) =>
        kept.Count > 0 && Keep(headers, kept) is { Length: > 0 } emulated ? new(_transport, emulated) : this;

    /// <summary>The headers for one back end: those of the request come before those of the connect command, and these before the back end's own.</summary>
    public IEnumerable<KeyValuePair<string, string>> For(ProxySettings proxy)
    {
        var transport = Select(_transport, proxy.Headers).ToList();
        var emulated = Select(_emulated, proxy.EmulatedHeaders).Where(header => !Has(transport, header.Key));
        var clients = transport.Concat(emulated).ToList();
        return proxy.StaticHeaders.Where(header => !IsNeverForwarded(header.Key) && !Has(clients, header.Key)).Concat(clients);
    }

    private static KeyValuePair<string, string>[] Keep(IEnumerable<KeyValuePair<string, string>> headers, FrozenSet<string> kept) =>
        [.. headers.Where(header => kept.Contains(header.Key) && !IsNeverForwarded(header.Key) && IsValue(header.Value))];

    private static IEnumerable<KeyValuePair<string, string>> Select(KeyValuePair<string, string>[] headers, IReadOnlyList<string> allowed) =>
        headers.Where(header => allowed.Contains(header.Key, StringComparer.OrdinalIgnoreCase));

    private static bool Has(List<KeyValuePair<string, string>> headers, string name) =>
        headers.Exists(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static bool IsNeverForwarded(string name) => NeverForwarded.Contains(name) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    // A line break in a value would begin a header of the client's choice.
    private static bool IsValue(string value) => !value.AsSpan().ContainsAnyExcept(HeaderText.Bytes);

    private static class HeaderText
    {
        public static readonly System.Buffers.SearchValues<char> Bytes =
            System.Buffers.SearchValues.Create(['\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]);
    }
}
