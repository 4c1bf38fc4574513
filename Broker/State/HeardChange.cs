using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.State;

/// <summary>The meaning of a key that was changed in a shared store.</summary>
internal enum HeardKind : byte
{
    /// <summary>Whether a channel is locked.</summary>
    Lock,

    /// <summary>The grants on a channel.</summary>
    Grants,

    /// <summary>The advertisement of a channel.</summary>
    Advertisement,

    /// <summary>The list of advertised channels, or its version.</summary>
    AdvertisedList,

    /// <summary>A principal's live key, or until when its tokens are revoked.</summary>
    Tokens,

    /// <summary>The set of principals that have published.</summary>
    Senders,

    /// <summary>What the owner of a webhook has set.</summary>
    Webhook,
}

/// <summary>A change in a shared store, by this broker or anybody else.</summary>
/// <param name="Channel">A lockable channel; null for kinds that concern no channel.</param>
/// <param name="Principal">Empty for kinds that concern no principal.</param>
/// <param name="Webhook">The id of a webhook; empty for other kinds.</param>
internal readonly record struct HeardChange(HeardKind Kind, ChannelName? Channel = null, string Principal = "", string Webhook = "");

/// <summary>A store that others change, too, and that is notified of their changes.</summary>
internal interface IHearingStore
{
    /// <summary>Raised for each change, including this broker's own. Reads from then on see the new state.</summary>
    /// <remarks>Called on the connection's thread; handlers do not wait. Changes can be missed: see <see cref="IChangeFeed.Continuity"/>.</remarks>
    event Action<HeardChange>? Heard;

    /// <inheritdoc cref="IChangeFeed.Continuity"/>
    long Continuity { get; }
}
