using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.State;

/// <summary>What a key that has changed in a shared store is about.</summary>
internal enum HeardKind : byte
{
    /// <summary>Whether a channel is locked.</summary>
    Lock,

    /// <summary>Who has a grant on a channel.</summary>
    Grants,

    /// <summary>What a channel's owner says about it.</summary>
    Advertisement,

    /// <summary>Which channels are advertised, or what about them.</summary>
    AdvertisedList,

    /// <summary>A principal's live key.</summary>
    KeyHash,
}

/// <summary>A change in a shared store, whoever made it.</summary>
/// <param name="Channel">The channel that it is about: a lockable one; null for kinds that are about none.</param>
/// <param name="Principal">The principal that it is about, not empty; empty for kinds that are about none.</param>
/// <param name="KnownHash">The principal's live key as it was read last; null when it is not known.</param>
internal readonly record struct HeardChange(HeardKind Kind, ChannelName? Channel = null, string Principal = "", string? KnownHash = null);

/// <summary>A store that others change too, and that hears of it.</summary>
internal interface IHearingStore
{
    /// <summary>Raised for each change that is heard, also of this broker's own. What is asked from then on is answered by what is there now.</summary>
    /// <remarks>Called on the connection's thread; handlers do not wait. Changes can be missed: see <see cref="IChangeFeed.Continuity"/>.</remarks>
    event Action<HeardChange>? Heard;

    /// <summary>False while changes could be missed.</summary>
    bool HearsAll { get; }

    /// <summary>A principal's live key as it was read last, however old.</summary>
    /// <returns>Null when it is not known.</returns>
    string? PeekKeyHash(string principal);
}
