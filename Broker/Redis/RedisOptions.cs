using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>The settings of the client library.</summary>
internal static class RedisOptions
{
    // The library looks for commands without an answer at each beat, so that some wait this much longer than it is told.
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    // How long a connection may send nothing. The library also takes it as the time limit of a handshake whose bytes are lost: its own 60 s would keep
    // the store away for a minute after a partition.
    private const int KeepAliveSeconds = 2;

    // The library's own delays are longer, and grow.
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(500);

    /// <param name="endpoint">The primary.</param>
    public static ConfigurationOptions Of(RedisAddress address, RedisEndpoint endpoint)
    {
        var options = Common(address, address.ClientName, address.UsesTls, address.Trust, address.Kind is RedisKind.Cluster ? address.Endpoints : [endpoint]);
        options.User = address.User;
        options.Password = address.Password;
        options.DefaultDatabase = address.Database;

        // The library counts INFO and all of CLUSTER as dangerous.
        options.AllowAdmin = true;

        // The broker hears over a connection of its own (docs/decisions/0008-bus-between-nodes.md).
        options.CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false);
        return options;
    }

    /// <param name="address">Of Sentinels.</param>
    public static ConfigurationOptions OfSentinels(RedisAddress address)
    {
        var options = Common(address, address.SentinelClientName, address.SentinelsUseTls, address.SentinelTrust, address.Endpoints);
        options.User = address.SentinelUser;
        options.Password = address.SentinelPassword;
        options.CommandMap = CommandMap.Sentinel;
        return options;
    }

    private static ConfigurationOptions Common(RedisAddress address, string name, bool usesTls, RedisTrust trust, IEnumerable<RedisEndpoint> endpoints)
    {
        var options = new ConfigurationOptions
        {
            ClientName = name,
            Protocol = address.ForcesResp2 ? RedisProtocol.Resp2 : null,
            Ssl = usesTls,
            AbortOnConnectFail = false,
            ConnectTimeout = (int)address.ConnectLimit.TotalMilliseconds,
            ConnectRetry = 1,
            KeepAlive = KeepAliveSeconds,
            HeartbeatInterval = Beat,
            AsyncTimeout = (int)(address.AnswerLimit - Beat).TotalMilliseconds,
            ReconnectRetryPolicy = new LinearRetry((int)ReconnectDelay.TotalMilliseconds),

            // Otherwise a command that was refused would be carried out when the server is back.
            BacklogPolicy = BacklogPolicy.FailFast,

            // Features for several servers, which would add keys and a second connection.
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        if (usesTls)
        {
            options.SslClientAuthenticationOptions = trust.Handshake;

            // A file that cannot be used is reported now.
            _ = trust.Handshake("");
        }

        foreach (var (host, port) in endpoints)
        {
            options.EndPoints.Add(host, port);
        }

        return options;
    }
}
