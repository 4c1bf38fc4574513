namespace ClawEvents.Broker.Channels;

/// <summary>How a back end, or a caller of the server API, wants something published. The default is how clients' publications are.</summary>
internal sealed record PublishOptions
{
    public static PublishOptions Default { get; } = new();

    /// <summary>The publication is left out of the channel's history: it has no offset and cannot be recovered.</summary>
    public bool SkipHistory { get; init; }

    /// <summary>Subscribers with deltas get what changed, also where the channel's options do not say so.</summary>
    public bool Delta { get; init; }

    /// <summary>Two publications of a channel with the same key within five minutes are one; null: no key.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The version of the state that the payload describes; an outdated publication is dropped. 0: none.</summary>
    public ulong Version { get; init; }

    /// <summary>Versions of different epochs do not compare.</summary>
    public string? VersionEpoch { get; init; }
}
