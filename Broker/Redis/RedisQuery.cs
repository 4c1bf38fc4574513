namespace ClawEvents.Broker.Redis;

/// <summary>The query part of a Redis address.</summary>
/// <param name="More">From each <c>addr=host:port</c>.</param>
/// <param name="Master">From <c>master</c>; empty without Sentinels.</param>
/// <param name="SentinelUser">From <c>sentinel_user</c>.</param>
/// <param name="SentinelPassword">From <c>sentinel_password</c>.</param>
internal sealed record RedisQuery(IReadOnlyList<RedisEndpoint> More, string Master, string? SentinelUser, string? SentinelPassword)
{
    private const int MaxPort = 65_535;

    /// <returns>False for a name that this kind of address does not have, or an invalid value.</returns>
    public static bool TryParse(string text, RedisKind kind, out RedisQuery query)
    {
        var more = new List<RedisEndpoint>();
        var (master, user, password) = ("", (string?)null, (string?)null);
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
                _ => false,
            };
            if (!isKnown)
            {
                query = new([], "", null, null);
                return false;
            }
        }

        query = new(more, master, user, password);
        return (kind is not RedisKind.Sentinel || master.Length > 0) && (user is null || password is not null);
    }

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
