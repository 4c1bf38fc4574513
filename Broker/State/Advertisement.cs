using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.State;

/// <summary>What the owner of a channel says about it.</summary>
/// <param name="Channel">A lockable one (<see cref="ChannelName.IsLockable"/>).</param>
/// <param name="Description">Text for people, up to the API's limit; null when there is none.</param>
/// <param name="Schema">The JSON text of the schema that payloads have to fit; null when there is none.</param>
/// <param name="UpdatedAt">Unix time in milliseconds.</param>
/// <remarks>Immutable. A store gives out one instance until the advertisement changes, so what is derived from it can be kept beside it.</remarks>
internal sealed record Advertisement(ChannelName Channel, string? Description, string? Schema, long UpdatedAt);

/// <summary>Which advertisements are wanted, newest first.</summary>
/// <param name="Offset">How many to leave out, 0 or more.</param>
/// <param name="Limit">How many at most, 0 or more.</param>
internal readonly record struct AdvertisementQuery(int Offset, int Limit)
{
    /// <summary>Only those of this owner, named as in <see cref="ChannelName.OwnerKey"/>; null: everybody's.</summary>
    public string? OwnerKey { get; init; }

    /// <summary>Only those with this text in the channel's name or the description, in upper or lower case; null: all.</summary>
    public string? Text { get; init; }
}

/// <summary>A part of the advertisements that were asked for.</summary>
/// <param name="Items">Newest first; those of one millisecond in the order of their channels' names.</param>
/// <param name="Total">How many there are in all.</param>
internal readonly record struct AdvertisementPage(IReadOnlyList<Advertisement> Items, int Total);
