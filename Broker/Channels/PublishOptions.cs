namespace ClawEvents.Broker.Channels;

/// <summary>What a back end may say of a publication besides its data. The default is what clients' publications have.</summary>
internal sealed record PublishOptions
{
    public static PublishOptions Default { get; } = new();

    /// <summary>Null without tags. Not changed any more.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The publication goes past the channel's history: it has no offset and cannot be recovered.</summary>
    public bool SkipHistory { get; init; }

    /// <summary>Subscribers with deltas get what changed, also where the channel's options do not say so.</summary>
    public bool Delta { get; init; }

    /// <summary>Two publications of a channel with the same key within five minutes are one; null: no key.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Of the state that the payload tells of; an outdated one is dropped. 0: none.</summary>
    public ulong Version { get; init; }

    /// <summary>Versions of different epochs do not compare.</summary>
    public string? VersionEpoch { get; init; }
}
