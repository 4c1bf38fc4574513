namespace ClawEvents.Broker.Configuration;

/// <summary>The limits of a connection: sizes, counts and deadlines. docs/reference/settings.md</summary>
/// <remarks>Settable ones change in place on a reload, and every read has the newest. Thread-safe.</remarks>
internal sealed record ConnectionOptions
{
    /// <summary><c>AllowedOrigins</c>, globs; empty for pages of the same host only.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary><c>MaxMessageBytes</c>: size limit of one WebSocket message of a client.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary><c>MaxSubscriptionsPerConnection</c>.</summary>
    public int MaxSubscriptionsPerConnection { get; set; } = 128;

    /// <summary><c>MaxQueuedBytes</c>: size limit of the queue of one slow connection, in addition to the buffers of the transport.</summary>
    public int MaxQueuedBytes { get; set; } = 1024 * 1024;

    /// <summary><c>MaxRecoveredPublications</c>: most publications that a client recovers; one that missed more starts again. 0 for no limit.</summary>
    public int MaxRecoveredPublications { get; set; } = 1_000;

    /// <summary><c>PingSeconds</c>; zero for no pings.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary><c>PongSeconds</c>: time limit for the answer to a ping; less than the ping interval.</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How often a connection is due on the timer wheel: with each ping, or without pings for nothing.</summary>
    public TimeSpan KeepAliveInterval => PingInterval > TimeSpan.Zero ? PingInterval : TimeSpan.FromSeconds(25);

    /// <summary>Time limit for the head of an upgrade request.</summary>
    public TimeSpan UpgradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>MaxHistoryPublications</c>: most publications that a client gets with one question for a history.</summary>
    public int MaxHistoryPublications { get; set; } = 300;

    /// <summary><c>ConnectSeconds</c>: time limit for a successful connect command.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for the answer to a close frame.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>ExpiredCloseSeconds</c>: how long a connection is kept after its token has expired, for a late refresh.</summary>
    public TimeSpan ExpiredCloseDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><c>ExpiredSubscriptionCloseSeconds</c>: the same for a subscription.</summary>
    public TimeSpan ExpiredSubscriptionCloseDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><c>PresenceSeconds</c>: the time between two renewals of a client's presence in a channel.</summary>
    public TimeSpan PresenceInterval { get; init; } = TimeSpan.FromSeconds(27);

    /// <summary><c>PresenceTtlSeconds</c>: how long presence lasts without a renewal. Two of the intervals may fail.</summary>
    public TimeSpan PresenceTtl { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>PositionCheckSeconds</c>: the time between two checks whether a subscription with a position has all publications.</summary>
    public TimeSpan PositionCheckInterval { get; init; } = TimeSpan.FromSeconds(27);

    /// <summary><c>CommandsPerSecond</c> of one connection; one that sends more gets its turns after the others. 0: all are equal.</summary>
    public int CommandsPerSecond { get; set; } = 200;

    /// <summary><c>MaxConnections</c> of clients to this node; 0 for no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary><c>ConnectionsPerSecond</c> that are accepted; 0 for no limit.</summary>
    public int ConnectionsPerSecond { get; init; }

    /// <summary><c>MaxTurnDelayMilliseconds</c>: how long turns may wait for a second before new connections are slowed down; zero for any time.</summary>
    public TimeSpan MaxTurnDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Takes over what a reload changes; origins and limits of the node are kept elsewhere.</summary>
    public void ApplySettings(ConnectionOptions fresh)
    {
        MaxSubscriptionsPerConnection = fresh.MaxSubscriptionsPerConnection;
        MaxQueuedBytes = fresh.MaxQueuedBytes;
        MaxRecoveredPublications = fresh.MaxRecoveredPublications;
        MaxHistoryPublications = fresh.MaxHistoryPublications;
        ExpiredCloseDelay = fresh.ExpiredCloseDelay;
        ExpiredSubscriptionCloseDelay = fresh.ExpiredSubscriptionCloseDelay;
        CommandsPerSecond = fresh.CommandsPerSecond;
    }
}
