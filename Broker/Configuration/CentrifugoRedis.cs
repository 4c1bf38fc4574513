using System.Globalization;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Translates the Redis of a Centrifugo's engine, or of its broker, to <c>REDIS_URL</c>: of version 5 or 6.</summary>
/// <param name="source">Centrifugo's settings.</param>
/// <param name="settings">Receives ours.</param>
/// <param name="known">Receives the paths of the translated settings.</param>
/// <remarks>
/// Centrifugo may keep publications, presence and maps on different servers; here all are where the channel is, so the broker's Redis counts.
/// </remarks>
internal sealed class CentrifugoRedis(IConfiguration source, Dictionary<string, string?> settings, HashSet<string> known)
{
    /// <summary>Where the settings are, in the order in which they count: those of the broker stand above those of the engine.</summary>
    private static readonly (string Section, string Type, string? Enabled)[] Places =
    [
        ("broker.redis", "broker.type", "broker.enabled"),
        ("engine.redis", "engine.type", null),
        ("presence_manager.redis", "presence_manager.type", "presence_manager.enabled"),
        ("map_broker.redis", "map_broker.type", null),
        ("redis", "engine", null),
    ];

    /// <summary>Options that become part of the query, with their names there.</summary>
    private static readonly (string Option, string Name)[] QueryOptions =
    [
        ("tls.server_ca_pem", "ca"), ("tls.server_ca_pem_file", "ca"), ("tls.cert_pem", "cert"), ("tls.key_pem", "key"), ("tls.server_name", "server_name"), ("tls.insecure_skip_verify", "insecure"),
        ("client_name", "name"), ("connect_timeout", "connect_timeout"), ("io_timeout", "io_timeout"), ("force_resp2", "force_resp2"),
    ];

    private static readonly string[] SentinelTls = ["enabled", "server_ca_pem", "cert_pem", "key_pem", "server_name", "insecure_skip_verify"];

    private static readonly string[] Options =
    [
        "address", "cluster_address", "sentinel_address", "sentinel_master_name", "sentinel_user", "sentinel_password", "sentinel_client_name", "user", "password", "db", "prefix",
        "tls.enabled", .. QueryOptions.Select(pair => pair.Option), .. SentinelTls.Select(option => $"sentinel_tls.{option}"),
    ];

    // The names in version 5, where they do not only have an underscore for the dot.
    private static readonly Dictionary<string, string> FlatOptions = new(StringComparer.Ordinal)
    {
        ["tls.enabled"] = "tls",
        ["tls.server_ca_pem"] = "tls_root_ca",
        ["tls.server_ca_pem_file"] = "tls_root_ca_file",
        ["tls.cert_pem"] = "tls_cert",
        ["tls.key_pem"] = "tls_key",
        ["tls.server_name"] = "tls_server_name",
        ["tls.insecure_skip_verify"] = "tls_insecure_skip_verify",
        ["sentinel_tls.enabled"] = "sentinel_tls",
        ["sentinel_tls.server_ca_pem"] = "sentinel_tls_root_ca",
        ["sentinel_tls.cert_pem"] = "sentinel_tls_cert",
        ["sentinel_tls.key_pem"] = "sentinel_tls_key",
        ["sentinel_tls.server_name"] = "sentinel_tls_server_name",
        ["sentinel_tls.insecure_skip_verify"] = "sentinel_tls_insecure_skip_verify",
    };

    private const string DefaultPrefix = "centrifugo";
    private const string PresenceTtl = "presence_ttl";
    private const string PresenceTtlOfVersion5 = "global_presence_ttl";

    /// <summary>The settings that may come as environment variables, with dots.</summary>
    public static IEnumerable<string> Keys =>
        Places.SelectMany(place => Options.Select(option => KeyOf(place.Section, option)))
            .Concat(Places.Select(place => place.Section == "redis" ? PresenceTtlOfVersion5 : $"{place.Section}.{PresenceTtl}"))
            .Concat(Switches);

    /// <summary>The options of one Redis in version 6.</summary>
    public static IReadOnlyList<string> OptionNames => Options;

    /// <summary>The settings that may come as flags: what is kept where.</summary>
    public static IEnumerable<string> Switches => Places.Select(place => place.Type).Concat(Places.Select(place => place.Enabled).OfType<string>());

    public void Translate()
    {
        foreach (var place in Places)
        {
            if ((place.Enabled is null || IsTrue(place.Enabled)) && IsRedis(place.Type))
            {
                Know(place.Enabled ?? place.Type);
                settings.TryAdd("REDIS_URL", UrlOf(place.Section));
                TranslatePresence(place.Section);
                foreach (var option in Options)
                {
                    Know(KeyOf(place.Section, option));
                }
            }
        }
    }

    private void TranslatePresence(string section)
    {
        var key = section == "redis" ? PresenceTtlOfVersion5 : $"{section}.{PresenceTtl}";
        if (Text(key) is { } text && DurationText.TryParse(text, out var ttl))
        {
            Know(key);
            settings.TryAdd("PresenceTtlSeconds", ttl.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The address that the options of a section mean, without the prefix of keys.</summary>
    /// <param name="section">Its path, with dots.</param>
    public string UrlAt(string section) => UrlOf(section, hasPrefix: false);

    private string UrlOf(string section, bool hasPrefix = true)
    {
        string? Option(string name) => Text(KeyOf(section, name));
        var usesTls = IsTrue(KeyOf(section, "tls.enabled"));
        var scheme = usesTls ? "rediss" : "redis";
        var query = QueryOptions.Where(pair => usesTls || !pair.Option.StartsWith("tls.", StringComparison.Ordinal)).Select(pair => (pair.Name, Value: QueryValue(section, pair.Option))).Where(pair => pair.Value is not null).DistinctBy(pair => pair.Name);
        var common = new RedisUrl(Option("user"), Option("password"), Option("db"), [("prefix", hasPrefix ? PrefixOf(Option("prefix")) : null), .. query]);
        var (clusters, sentinels, servers) = (List(KeyOf(section, "cluster_address")), List(KeyOf(section, "sentinel_address")), List(KeyOf(section, "address")));
        return clusters.Count > 0 ? common.Of($"{scheme}+cluster", clusters, [])
            : sentinels.Count > 0 ? common.Of($"{scheme}+sentinel", sentinels, [("master", Option("sentinel_master_name") ?? "mymaster"), ("sentinel_user", Option("sentinel_user")), ("sentinel_password", Option("sentinel_password")), .. OfSentinels(section, usesTls)])
            : string.Join(',', (servers.Count > 0 ? servers : ["127.0.0.1:6379"]).Select(server => common.Of(scheme, [server], [])));
    }

    private string? QueryValue(string section, string option) => Text(KeyOf(section, option)) is not { } value ? null : option[(option.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
    {
        "insecure_skip_verify" or "force_resp2" => value.ToLowerInvariant(),

        // Zero stands for their default.
        "connect_timeout" or "io_timeout" when DurationText.TryParse(value, out var limit) && limit == TimeSpan.Zero => null,
        _ => value,
    };

    // Nothing is said where they are as the servers: what is left out is taken from these.
    private IEnumerable<(string Name, string? Value)> OfSentinels(string section, bool serversUseTls)
    {
        yield return ("sentinel_name", Text(KeyOf(section, "sentinel_client_name")));
        var usesTls = IsTrue(KeyOf(section, "sentinel_tls.enabled"));
        if (usesTls != serversUseTls)
        {
            yield return ("sentinel_tls", usesTls ? "true" : "false");
        }

        foreach (var (option, name) in QueryOptions.Where(pair => usesTls && pair.Option.StartsWith("tls.", StringComparison.Ordinal) && SentinelTls.Contains(pair.Option[4..])))
        {
            yield return ($"sentinel_{name}", QueryValue(section, $"sentinel_{option}"));
        }
    }

    // Theirs does not meet ours in one Redis, so that the usual one needs no place in our keys.
    private static string? PrefixOf(string? prefix) => prefix is DefaultPrefix ? null : prefix;

    private static string KeyOf(string section, string option) => section == "redis"
        ? $"redis_{FlatOptions.GetValueOrDefault(option, option)}"
        : $"{section}.{option}";

    // Of another type nothing is known here: whether the start may ignore it is judged elsewhere.
    private bool IsRedis(string key)
    {
        var isRedis = Text(key) is "redis";
        if (isRedis)
        {
            known.Add(PathOf(key));
        }

        return isRedis;
    }

    private bool IsTrue(string key) => bool.TryParse(Text(key), out var isOn) && isOn;

    // A list, or one text with commas or blanks between the addresses.
    private List<string> List(string key)
    {
        var section = source.GetSection(PathOf(key));
        var parts = section.Value is { } text ? [text] : section.GetChildren().Select(part => part.Value ?? "");
        return [.. parts.SelectMany(part => part.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))];
    }

    private string? Text(string key) => source[PathOf(key)] is { Length: > 0 } value ? value : null;

    private void Know(string key)
    {
        foreach (var (path, _) in source.GetSection(PathOf(key)).AsEnumerable())
        {
            known.Add(path);
        }
    }

    private static string PathOf(string key) => key.Replace('.', ':');

    /// <summary>An address with what all of them have in common.</summary>
    private sealed record RedisUrl(string? User, string? Password, string? Database, IReadOnlyList<(string Name, string? Value)> Common)
    {
        /// <param name="servers">One or more, <c>host:port</c> or a URL of their own, whose user, password and database stand above the common ones.</param>
        public string Of(string scheme, List<string> servers, IEnumerable<(string Name, string? Value)> query)
        {
            var first = Parts(servers[0], scheme);
            var more = servers.Skip(1).Select(server => ("addr", (string?)Parts(server, scheme).Place));
            var pairs = query.Concat(more).Concat(Common).Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}");
            var database = scheme.EndsWith("+cluster", StringComparison.Ordinal) ? null : first.Database ?? Database;
            return $"{first.Scheme}://{first.User ?? Credentials()}{first.Place}{(database is null or "0" ? "" : $"/{database}")}{(pairs.Any() ? $"?{string.Join('&', pairs)}" : "")}";
        }

        private string Credentials() => Password is null ? "" : $"{Uri.EscapeDataString(User ?? "")}:{Uri.EscapeDataString(Password)}@";

        private static (string Scheme, string? User, string Place, string? Database) Parts(string server, string scheme)
        {
            if (!server.Contains("://", StringComparison.Ordinal) || !Uri.TryCreate(server, UriKind.Absolute, out var url))
            {
                return (scheme, null, server, null);
            }

            var own = url.Scheme is "rediss" && !scheme.StartsWith("rediss", StringComparison.Ordinal) ? $"rediss{scheme["redis".Length..]}" : scheme;
            var database = url.AbsolutePath.Trim('/');
            return (own, url.UserInfo.Length > 0 ? $"{url.UserInfo}@" : null, url.Authority[(url.Authority.LastIndexOf('@') + 1)..], database.Length > 0 ? database : null);
        }
    }
}
