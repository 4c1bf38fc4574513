using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClawEvents.Broker.Redis;

internal enum RedisKind : byte
{
    /// <summary>One server, or a name that resolves to the primary.</summary>
    Server,

    /// <summary>Primary and replicas that Sentinels watch: the addresses are those of the Sentinels.</summary>
    Sentinel,

    /// <summary>Redis Cluster: the addresses are of some of its servers.</summary>
    Cluster,
}

/// <summary>The address and credentials of a Redis: one entry of <c>REDIS_URL</c>.</summary>
/// <remarks>Immutable. Its text never contains a password.</remarks>
internal sealed class RedisAddress
{
    /// <summary>The expected form of the setting, for error messages.</summary>
    public const string Rule =
        "it is not redis://[[user]:password@]host[:port][/database], nor several of these separated by commas, nor redis+sentinel://…?master=NAME[&addr=host:port], "
        + "nor redis+cluster://…[?addr=host:port]; each may have prefix=NAME, and ca=FILE, cert=FILE with key=FILE, server_name=NAME for TLS, connect_timeout and io_timeout from 1s to 1m, force_resp2=true. TLS is rediss, and passwords are percent-encoded";

    /// <summary>The time limits of an address that names none.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(1.5);

    private const string DefaultClientName = "clawevents-broker";
    private const int DefaultPort = 6379;
    private const int DefaultSentinelPort = 26379;
    private const int MaxDatabase = 9_999;

    private RedisAddress(RedisKind kind, IReadOnlyList<RedisEndpoint> endpoints, RedisQuery query)
    {
        Kind = kind;
        Endpoints = endpoints;
        MasterName = query.Master;
        SentinelUser = query.SentinelUser;
        SentinelPassword = query.SentinelPassword;
        KeyPrefix = query.Prefix.Length == 0 ? "" : $"{query.Prefix}:";
        Trust = new RedisTrust(query.Tls);
        SentinelTrust = new RedisTrust(query.SentinelTls);
        ConnectLimit = query.ConnectLimit ?? DefaultLimit;
        AnswerLimit = query.AnswerLimit ?? DefaultLimit;
        ForcesResp2 = query.ForcesResp2;
        ClientName = query.ClientName ?? DefaultClientName;
        SentinelClientName = query.SentinelClientName ?? ClientName;
    }

    public RedisKind Kind { get; }

    /// <summary>One or more: the server, or the servers that know the primary.</summary>
    public IReadOnlyList<RedisEndpoint> Endpoints { get; }

    /// <summary>The first one.</summary>
    public RedisEndpoint Endpoint => Endpoints[0];

    /// <summary>Null: the user <c>default</c>.</summary>
    public string? User { get; private init; }

    /// <summary>Null when the server needs none.</summary>
    public string? Password { get; private init; }

    public int Database { get; private init; }

    public bool UsesTls { get; private init; }

    /// <summary>The primary's name for Sentinels; empty without them.</summary>
    public string MasterName { get; }

    /// <summary>Null: the user <c>default</c>.</summary>
    public string? SentinelUser { get; }

    /// <summary>Null when they need none.</summary>
    public string? SentinelPassword { get; }

    /// <summary>Comes before all keys, and names of messages, of this fleet; empty, or it ends with a colon.</summary>
    public string KeyPrefix { get; }

    /// <summary>TLS to the servers.</summary>
    public RedisTrust Trust { get; }

    /// <summary>TLS to the Sentinels.</summary>
    public RedisTrust SentinelTrust { get; }

    public bool SentinelsUseTls { get; private init; }

    /// <summary>The time limit for a connection to a server, with its TLS.</summary>
    public TimeSpan ConnectLimit { get; }

    /// <summary>The time limit for the answer to one command.</summary>
    public TimeSpan AnswerLimit { get; }

    /// <summary>Whether all connections, also those to Sentinels, speak the older version of Redis's protocol.</summary>
    public bool ForcesResp2 { get; }

    /// <summary>How the broker names its connections to the servers.</summary>
    public string ClientName { get; }

    /// <summary>The same to the Sentinels.</summary>
    public string SentinelClientName { get; }

    /// <returns>False when the text is not an address of a server, of Sentinels or of a cluster.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
            || !TryReadKind(url.Scheme, out var kind)
            || url.Host.Length == 0
            || url.Port == 0
            || url.Fragment.Length > 0
            || !RedisQuery.TryParse(url.Query, kind, out var query)
            || !TryReadUser(url.UserInfo, out var user, out var password)
            || !TryReadDatabase(url.AbsolutePath, out var database)
            || (kind is RedisKind.Cluster && database > 0))
        {
            return false;
        }

        var usesTls = url.Scheme.StartsWith("rediss", StringComparison.Ordinal);
        var port = url.Port > 0 ? url.Port : kind is RedisKind.Sentinel ? DefaultSentinelPort : DefaultPort;
        address = new RedisAddress(kind, [new(url.DnsSafeHost, port), .. query.More], query)
        {
            User = user,
            Password = password,
            Database = database,
            UsesTls = usesTls,
            SentinelsUseTls = query.SentinelsUseTls ?? usesTls,
        };
        return true;
    }

    /// <summary>Reads a list: several servers that share the channels. Redis Cluster must be the only entry, since it distributes them itself.</summary>
    /// <returns>False when an entry is not an address.</returns>
    public static bool TryParseList(string text, out IReadOnlyList<RedisAddress> addresses)
    {
        var parsed = new List<RedisAddress>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (TryParse(entry, out var address))
            {
                parsed.Add(address);
            }
            else
            {
                addresses = [];
                return false;
            }
        }

        addresses = parsed;
        return parsed.Count == 1 || parsed.TrueForAll(address => address.Kind is not RedisKind.Cluster);
    }

    /// <returns>Hosts, ports and database.</returns>
    public override string ToString()
    {
        var hosts = string.Join(',', Endpoints);
        return Kind switch
        {
            RedisKind.Sentinel => string.Create(CultureInfo.InvariantCulture, $"{MasterName} of {hosts}/{Database}"),
            RedisKind.Cluster => $"cluster of {hosts}",
            _ => string.Create(CultureInfo.InvariantCulture, $"{hosts}/{Database}"),
        };
    }

    private static bool TryReadKind(string scheme, out RedisKind kind)
    {
        kind = scheme switch
        {
            "redis+sentinel" or "rediss+sentinel" => RedisKind.Sentinel,
            "redis+cluster" or "rediss+cluster" => RedisKind.Cluster,
            _ => RedisKind.Server,
        };
        return kind is not RedisKind.Server || scheme is "redis" or "rediss";
    }

    // A user without a password is a mistake: nobody is let in by a name alone.
    private static bool TryReadUser(string userInfo, out string? user, out string? password)
    {
        user = password = null;
        if (userInfo.Length == 0)
        {
            return true;
        }

        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        user = colon > 0 ? Uri.UnescapeDataString(userInfo[..colon]) : null;
        password = colon < 0 ? "" : Uri.UnescapeDataString(userInfo[(colon + 1)..]);
        return password.Length > 0;
    }

    private static bool TryReadDatabase(string path, out int database)
    {
        database = 0;
        return path is "" or "/"
            || (int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out database) && database <= MaxDatabase);
    }
}
