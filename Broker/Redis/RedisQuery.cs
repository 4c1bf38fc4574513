using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Redis;

/// <summary>The query part of a Redis address.</summary>
/// <param name="More">From each <c>addr=host:port</c>.</param>
/// <param name="Master">From <c>master</c>; empty without Sentinels.</param>
/// <param name="SentinelUser">From <c>sentinel_user</c>.</param>
/// <param name="SentinelPassword">From <c>sentinel_password</c>.</param>
/// <param name="Prefix">From <c>prefix</c>; empty without one.</param>
/// <param name="Authorities">From <c>ca</c>: a file.</param>
internal sealed partial record RedisQuery(IReadOnlyList<RedisEndpoint> More, string Master, string? SentinelUser, string? SentinelPassword, string Prefix, string? Authorities)
{
    private const int MaxPort = 65_535;

    /// <returns>False for a name that this kind of address does not have, or an invalid value.</returns>
    public static bool TryParse(string text, RedisKind kind, out RedisQuery query)
    {
        var more = new List<RedisEndpoint>();
        var (master, user, password, prefix, authorities) = ("", (string?)null, (string?)null, "", (string?)null);
        foreach (var pair in text.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (pair, "") : (pair[..equals], Uri.UnescapeDataString(pair[(equals + 1)..]));
            var isKnown = (name, kind) switch
            {
                ("addr", RedisKind.Sentinel or RedisKind.Cluster) => TryAdd(more, value),
                ("master", RedisKind.Sentinel) => (master = value).Length > 0,
                ("sentinel_user", RedisKind.Sentinel) => (user = value).Length > 0,
                ("sentinel_password", RedisKind.Sentinel) => (password = value).Length > 0,
                ("prefix", _) => PrefixForm().IsMatch(prefix = value),
                ("ca", _) => (authorities = value).Length > 0,
                _ => false,
            };
            if (!isKnown)
            {
                query = new([], "", null, null, "", null);
                return false;
            }
        }

        query = new(more, master, user, password, prefix, authorities);
        return (kind is not RedisKind.Sentinel || master.Length > 0) && (user is null || password is not null);
    }

    // No brace, which would choose the slot in Redis Cluster, and nothing that a pattern reads as more than itself.
    [GeneratedRegex(@"\A[A-Za-z0-9_.:-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixForm();

    private static bool TryAdd(List<RedisEndpoint> more, string value)
    {
        if (!Uri.TryCreate($"redis://{value}", UriKind.Absolute, out var url) || url.Port is < 1 or > MaxPort || url.Authority != value)
        {
            return false;
        }

        more.Add(new(url.DnsSafeHost, url.Port));
        return true;
    }
}
