using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Channels;

/// <summary>The publications that a recovering subscriber receives.</summary>
internal enum RecoveryMode : byte
{
    /// <summary>Every publication it missed, or the word that some are gone.</summary>
    Stream,

    /// <summary>The latest publication, unless it has it.</summary>
    Cache,
}

/// <summary>The form that a client's payload must have.</summary>
internal enum PayloadFormat : byte
{
    /// <summary>Not empty; JSON where the protocol is JSON.</summary>
    Any,

    Json,

    JsonObject,

    /// <summary>Any bytes, none at all too.</summary>
    Binary,
}

/// <summary>The clients that may perform an action.</summary>
/// <param name="ForClient">Connections with a user.</param>
/// <param name="ForSubscriber">Those of them that are subscribed.</param>
/// <param name="ForAnonymous">Widens the two to connections without a user.</param>
internal readonly record struct ClientPermission(bool ForClient, bool ForSubscriber, bool ForAnonymous);

/// <summary>The options of a namespace's channels. docs/reference/namespaces.md lists the keys with their defaults.</summary>
/// <remarks>
/// Immutable. For the channels of claw.events the permissions are those of docs/reference/permissions.md, and the <c>allow_…_for_…</c>
/// options of subscribing and publishing have no effect there.
/// </remarks>
internal sealed record ChannelOptions
{
    /// <summary>Keeps nothing, tells nothing, allows nothing: what a channel without a namespace of its own has.</summary>
    public static ChannelOptions None { get; } = new();

    public bool Presence { get; init; }

    public bool JoinLeave { get; init; }

    /// <summary>Joins and leaves go to subscribers that did not ask for them, too.</summary>
    public bool ForcePushJoinLeave { get; init; }

    public int HistorySize { get; init; }

    public TimeSpan HistoryTtl { get; init; }

    /// <summary>How long offset and epoch outlive the last publication; not shorter than <see cref="HistoryTtl"/>.</summary>
    public TimeSpan HistoryMetaTtl { get; init; } = TimeSpan.FromDays(30);

    public bool ForcePositioning { get; init; }

    public bool AllowPositioning { get; init; }

    public bool ForceRecovery { get; init; }

    public bool AllowRecovery { get; init; }

    public RecoveryMode RecoveryMode { get; init; }

    /// <summary>In cache mode every subscriber gets the latest publication, asked or not.</summary>
    public bool AutoCacheRecover { get; init; }

    /// <summary>Subscribers may ask for fossil deltas.</summary>
    public bool AllowFossilDelta { get; init; }

    /// <summary>Every publication may go out as a delta, not only those published so.</summary>
    public bool DeltaPublish { get; init; }

    /// <summary>Subscribers may name the tags of the publications they want.</summary>
    public bool AllowTagsFilter { get; init; }

    public ClientPermission Subscribe { get; init; }

    public ClientPermission Publish { get; init; }

    public ClientPermission ReadPresence { get; init; }

    public ClientPermission ReadHistory { get; init; }

    /// <summary>A <c>#</c> in the name is followed by the users who may subscribe.</summary>
    public bool AllowUserLimitedChannels { get; init; }

    /// <summary>For the part of the name after the namespace; null: any name.</summary>
    public Regex? ChannelPattern { get; init; }

    public PayloadFormat PayloadFormat { get; init; }

    /// <summary>The proxy that decides on subscribing, by its name; null: the options above decide.</summary>
    public string? SubscribeProxy { get; init; }

    /// <summary>How that proxy is asked.</summary>
    public SubscribeStream SubscribeStream { get; init; }

    /// <inheritdoc cref="SubscribeProxy"/>
    public string? PublishProxy { get; init; }

    /// <inheritdoc cref="SubscribeProxy"/>
    public string? SubRefreshProxy { get; init; }

    public SubscriptionType SubscriptionType { get; init; }

    /// <summary>For the three types of maps.</summary>
    public MapOptions Map { get; init; } = MapOptions.None;

    /// <summary>With the channel's name after it: the map that has a key for each of the channel's connections. Null: none.</summary>
    public string? MapClientsPrefix { get; init; }

    /// <summary>The same with a key for each user.</summary>
    public string? MapUsersPrefix { get; init; }

    /// <summary>How long a client gathers changes of a key before it publishes the last of them; zero: not at all.</summary>
    public TimeSpan ClientPublishDebounce { get; init; }

    public bool IsMap => SubscriptionType is SubscriptionType.Map or SubscriptionType.MapClients or SubscriptionType.MapUsers;

    /// <summary>For shared polls.</summary>
    public SharedPollOptions SharedPoll { get; init; } = SharedPollOptions.Default;

    /// <summary>Both a size and a time: otherwise publications have no offsets.</summary>
    public bool KeepsHistory => History.IsOn;

    /// <summary>Of streams only: what maps and shared polls keep has options of its own.</summary>
    public HistoryOptions History => SubscriptionType is SubscriptionType.Stream ? new(HistorySize, HistoryTtl, HistoryMetaTtl) : HistoryOptions.None;

    /// <summary>The options of one subscription, of which a token or a back end may change some.</summary>
    public ChannelOptions With(in OptionOverrides overrides) => overrides == default ? this : this with
    {
        Presence = overrides.Presence ?? Presence,
        JoinLeave = overrides.JoinLeave ?? JoinLeave,
        ForcePushJoinLeave = overrides.ForcePushJoinLeave ?? ForcePushJoinLeave,
        ForceRecovery = overrides.ForceRecovery ?? ForceRecovery,
        ForcePositioning = overrides.ForcePositioning ?? ForcePositioning,
    };
}
