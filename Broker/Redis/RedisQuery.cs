using System.Text.RegularExpressions;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Redis;

/// <summary>The query part of a Redis address.</summary>
internal sealed partial class RedisQuery
{
    private const int MaxPort = 65_535;
    private const string SentinelPrefix = "sentinel_";

    // A blocking read of a stream, and a beat of the client library, have room in the least.
    private static readonly TimeSpan LeastLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostLimit = TimeSpan.FromMinutes(1);

    // Those that a server and its Sentinels may have differently. The values of others are checked where they are read.
    private static readonly string[] Common = ["ca", "cert", "key", "server_name", "insecure", "name"];

    private readonly List<RedisEndpoint> _more = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>From each <c>addr=host:port</c>.</summary>
    public IReadOnlyList<RedisEndpoint> More => _more;

    /// <summary>From <c>master</c>; empty without Sentinels.</summary>
    public string Master => Find("master") ?? "";

    /// <summary>From <c>sentinel_user</c>.</summary>
    public string? SentinelUser => Find("sentinel_user");

    /// <summary>From <c>sentinel_password</c>.</summary>
    public string? SentinelPassword => Find("sentinel_password");

    /// <summary>From <c>prefix</c>; empty without one.</summary>
    public string Prefix => Find("prefix") ?? "";

    /// <summary>From <c>name</c>: how the broker names its connections.</summary>
    public string? ClientName => Find("name");

    /// <summary>From <c>sentinel_name</c>.</summary>
    public string? SentinelClientName => Find("sentinel_name");

    /// <summary>From <c>sentinel_tls</c>; null: as the servers that they watch.</summary>
    public bool? SentinelsUseTls => Find("sentinel_tls") is { } text ? text == "true" : null;

    /// <summary>From <c>connect_timeout</c>.</summary>
    public TimeSpan? ConnectLimit => FindLimit("connect_timeout");

    /// <summary>From <c>io_timeout</c>.</summary>
    public TimeSpan? AnswerLimit => FindLimit("io_timeout");

    /// <summary>From <c>force_resp2</c>.</summary>
    public bool ForcesResp2 => Find("force_resp2") is "true";

    /// <summary>From <c>ca</c>, <c>cert</c>, <c>key</c>, <c>server_name</c> and <c>insecure</c>.</summary>
    public ClientTls Tls => TlsOf("");

    /// <summary>The same with <c>sentinel_</c>; what is not set is as for the servers.</summary>
    public ClientTls SentinelTls => TlsOf(SentinelPrefix);

    /// <returns>False for a name that this kind of address does not have, or an invalid value.</returns>
    public static bool TryParse(string text, RedisKind kind, out RedisQuery query)
    {
        query = new();
        foreach (var pair in text.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (pair, "") : (pair[..equals], Uri.UnescapeDataString(pair[(equals + 1)..]));
            if (!IsKnown(name, value, kind) || (name == "addr" && !TryAdd(query._more, value)))
            {
                return false;
            }

            query._values[name] = value;
        }

        return (kind is not RedisKind.Sentinel || query.Master.Length > 0) && (query.SentinelUser is null || query.SentinelPassword is not null)
            && query.Find("cert") is null == query.Find("key") is null && query.Find("sentinel_cert") is null == query.Find("sentinel_key") is null;
    }

    private static bool IsKnown(string name, string value, RedisKind kind) => (name, kind) switch
    {
        ("prefix", _) => PrefixForm().IsMatch(value),
        ("insecure" or "force_resp2", _) or ("sentinel_insecure" or "sentinel_tls", RedisKind.Sentinel) => value is "true" or "false",
        ("name", _) or ("sentinel_name", RedisKind.Sentinel) => NameForm().IsMatch(value),
        ("connect_timeout" or "io_timeout", _) => DurationText.TryParse(value, out var limit) && limit >= LeastLimit && limit <= MostLimit,
        ("addr", RedisKind.Sentinel or RedisKind.Cluster) or ("master" or "sentinel_user" or "sentinel_password", RedisKind.Sentinel) => value.Length > 0,
        _ => value.Length > 0 && (Common.Contains(name) || (kind is RedisKind.Sentinel && name.StartsWith(SentinelPrefix, StringComparison.Ordinal) && Common.Contains(name[SentinelPrefix.Length..]))),
    };

    private string? Find(string name) => _values.GetValueOrDefault(name);

    private TimeSpan? FindLimit(string name) => Find(name) is { } text && DurationText.TryParse(text, out var limit) ? limit : null;

    private ClientTls TlsOf(string prefix)
    {
        string? Value(string name) => Find(prefix + name) ?? Find(name);
        return new(Value("ca"), Value("cert"), Value("key"), Value("server_name"), Value("insecure") is "true");
    }

    // No blank, which would end it in the command that says it.
    [GeneratedRegex(@"\A[!-~]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();

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
