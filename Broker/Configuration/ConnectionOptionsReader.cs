namespace ClawEvents.Broker.Configuration;

/// <summary>Reads what a connection may cost.</summary>
/// <inheritdoc cref="SettingSource"/>
internal sealed class ConnectionOptionsReader(IConfiguration configuration, Action<string, string, string> fault)
{
    private static readonly ConnectionOptions Defaults = new();

    private readonly SettingSource _source = new(configuration, fault);

    public ConnectionOptions Read()
    {
        var ping = Ping();
        var (presence, presenceTtl) = Presence();
        return new ConnectionOptions
        {
            AllowedOrigins = _source.Globs("AllowedOrigins", "https://*.example.com"),
            MaxMessageBytes = _source.Number("MaxMessageBytes", Defaults.MaxMessageBytes, 1024, 1024 * 1024),
            MaxSubscriptionsPerConnection = _source.Number("MaxSubscriptionsPerConnection", Defaults.MaxSubscriptionsPerConnection, 1, 100_000),
            MaxQueuedBytes = _source.Number("MaxQueuedBytes", Defaults.MaxQueuedBytes, 1024, 1024 * 1024 * 1024),
            MaxRecoveredPublications = _source.Number("MaxRecoveredPublications", Defaults.MaxRecoveredPublications, 0, 1_000_000),
            MaxHistoryPublications = _source.Number("MaxHistoryPublications", Defaults.MaxHistoryPublications, 1, 10_000),
            ConnectTimeout = TimeSpan.FromSeconds(_source.Number("ConnectSeconds", (int)Defaults.ConnectTimeout.TotalSeconds, 1, 3600)),
            PingInterval = TimeSpan.FromSeconds(ping),
            PongTimeout = TimeSpan.FromSeconds(Pong(ping)),
            ExpiredCloseDelay = Seconds("ExpiredCloseSeconds", Defaults.ExpiredCloseDelay),
            ExpiredSubscriptionCloseDelay = Seconds("ExpiredSubscriptionCloseSeconds", Defaults.ExpiredSubscriptionCloseDelay),
            PresenceInterval = TimeSpan.FromSeconds(presence),
            PresenceTtl = TimeSpan.FromSeconds(presenceTtl),
            PositionCheckInterval = TimeSpan.FromSeconds(_source.Number("PositionCheckSeconds", (int)Defaults.PositionCheckInterval.TotalSeconds, 1, 3600)),
            CommandsPerSecond = _source.Number("CommandsPerSecond", Defaults.CommandsPerSecond, 0, 1_000_000),
            MaxConnections = _source.Number("MaxConnections", Defaults.MaxConnections, 0, 10_000_000),
            ConnectionsPerSecond = _source.Number("ConnectionsPerSecond", Defaults.ConnectionsPerSecond, 0, 1_000_000),
            MaxTurnDelay = TimeSpan.FromMilliseconds(_source.Number("MaxTurnDelayMilliseconds", (int)Defaults.MaxTurnDelay.TotalMilliseconds, 0, 60_000)),
        };
    }

    private TimeSpan Seconds(string name, TimeSpan fallback) => TimeSpan.FromSeconds(_source.Number(name, (int)fallback.TotalSeconds, 0, 3600));

    private (int Interval, int Ttl) Presence()
    {
        var interval = _source.Number("PresenceSeconds", (int)Defaults.PresenceInterval.TotalSeconds, 1, 3600);
        var ttl = _source.Number("PresenceTtlSeconds", Math.Max((int)Defaults.PresenceTtl.TotalSeconds, (2 * interval) + 1), 2, 7200);
        if (ttl <= interval)
        {
            fault("PresenceTtlSeconds", $"{ttl} is not more than PresenceSeconds ({interval}): clients would be absent between two renewals", $"{(2 * interval) + 1}");
        }

        return (interval, ttl);
    }

    private int Ping()
    {
        var ping = _source.Number("PingSeconds", (int)Defaults.PingInterval.TotalSeconds, 0, 3600);
        if (ping != 1)
        {
            return ping;
        }

        // The answer must come before the next ping, and both are whole seconds.
        fault("PingSeconds", "1 leaves no time for the answer; use 0 (no pings) or 2 to 3600", "25");
        return (int)Defaults.PingInterval.TotalSeconds;
    }

    private int Pong(int ping)
    {
        var pong = _source.Number("PongSeconds", Math.Min((int)Defaults.PongTimeout.TotalSeconds, Math.Max(1, ping - 1)), 1, 3600);
        if (ping > 0 && pong >= ping)
        {
            fault("PongSeconds", $"{pong} is not less than PingSeconds ({ping})", $"{Math.Max(1, ping / 2)}");
        }

        return pong;
    }
}
