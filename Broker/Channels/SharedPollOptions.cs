namespace ClawEvents.Broker.Channels;

/// <summary>How the values of a namespace of shared polls are asked for. Immutable. docs/reference/namespaces.md#shared-polls</summary>
internal sealed record SharedPollOptions
{
    public static SharedPollOptions Default { get; } = new();

    /// <summary>The back end that has the values, by its name; null: the namespace has no shared polls.</summary>
    public string? Proxy { get; init; }

    /// <summary>From one question about a key to the next.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Keys in one question.</summary>
    public int RefreshBatchSize { get; init; } = 1_000;

    /// <summary>Keys that one connection may track in one channel.</summary>
    public int MaxKeysPerConnection { get; init; } = 5_000;

    /// <summary>The back end counts the versions of each key; otherwise the broker does, by comparing values.</summary>
    public bool IsVersioned { get; init; }

    /// <summary>How long a channel without subscribers keeps its epoch.</summary>
    public TimeSpan ChannelShutdownDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long keys are tracked after their signature has expired, for a late one.</summary>
    public TimeSpan TrackExpiredExtraDelay { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>The server API may publish values.</summary>
    public bool IsPublishEnabled { get; init; }
}
