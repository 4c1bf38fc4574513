using System.Net;

namespace ClawEvents.Broker.Limits;

/// <summary>The proxies whose <c>X-Forwarded-For</c> is believed.</summary>
/// <remarks>
/// Each proxy adds the address that it was called from at the end of the header, so it is read from its end: past trusted proxies, up to the first
/// address that none of them owns. What stands before that is the client's own claim. Thread-safe.
/// </remarks>
/// <param name="networks">Of proxies.</param>
/// <param name="trustsUnixSocket">A connection over a Unix socket comes from a proxy: it has no address of its own.</param>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks, bool trustsUnixSocket = false)
{
    public const string Header = "X-Forwarded-For";

    public static TrustedProxies None { get; } = new([]);

    // Replaced as a whole, never changed.
    private Trust _trust = new(networks, trustsUnixSocket);

    /// <summary>Trusts those of another one from now on.</summary>
    public void ReplaceWith(TrustedProxies other) => Volatile.Write(ref _trust, other._trust);

    /// <summary>Finds the client's address.</summary>
    /// <param name="peer">The far end of the connection; null: it has no address.</param>
    /// <param name="forwardedFor">The header, several lines joined by commas; null: it is missing.</param>
    public AddressKey ClientOf(IPAddress? peer, string? forwardedFor)
    {
        var client = peer;
        var rest = forwardedFor.AsSpan();
        while (!rest.IsEmpty && IsTrusted(client))
        {
            var comma = rest.LastIndexOf(',');
            if (!IPAddress.TryParse(WithoutPort(rest[(comma + 1)..].Trim()), out var before))
            {
                break;
            }

            client = before;
            rest = comma < 0 ? [] : rest[..comma];
        }

        return AddressKey.Of(client);
    }

    /// <summary>Finds the address of the client of a request.</summary>
    public AddressKey ClientOf(HttpContext context) =>
        ClientOf(context.Connection.RemoteIpAddress, context.Request.Headers.TryGetValue(Header, out var values) ? values.ToString() : null);

    /// <summary>Whether a request comes from a trusted proxy, which then may say more about the client's.</summary>
    public bool IsFromProxy(HttpContext context) => IsTrusted(context.Connection.RemoteIpAddress);

    /// <summary>Whether the client speaks TLS: to the broker, or to a trusted proxy, which says so in <c>X-Forwarded-Proto</c>.</summary>
    public bool IsSecure(HttpContext context) =>
        context.Request.IsHttps || (IsFromProxy(context) && LastOf(context.Request.Headers["X-Forwarded-Proto"].ToString()) is "https");

    private static string LastOf(string list) => list[(list.LastIndexOf(',') + 1)..].Trim().ToLowerInvariant();

    private bool IsTrusted(IPAddress? address)
    {
        var trust = Volatile.Read(ref _trust);
        if (address is null)
        {
            return trust.UnixSocket;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in trust.Networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    // Some proxies write 192.0.2.1:4711 or [2001:db8::1]:4711.
    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> address) =>
        address.StartsWith("[") && address.IndexOf(']') is > 0 and var end ? address[1..end]
        : address.Count(':') == 1 ? address[..address.IndexOf(':')]
        : address;

    private sealed record Trust(IReadOnlyList<IPNetwork> Networks, bool UnixSocket);
}
