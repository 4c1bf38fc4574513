using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.State;

/// <summary>The owner's description of a channel.</summary>
/// <param name="Channel">Lockable (<see cref="ChannelName.IsLockable"/>).</param>
/// <param name="Description">Text for people, up to the API's limit; null when there is none.</param>
/// <param name="Schema">The JSON text of the schema that payloads must match; null when there is none.</param>
/// <param name="UpdatedAt">Unix time in milliseconds.</param>
/// <remarks>Immutable. A store returns one instance until the advertisement changes, so callers can cache values derived from it.</remarks>
internal sealed record Advertisement(ChannelName Channel, string? Description, string? Schema, long UpdatedAt);

/// <summary>A query for advertisements, newest first.</summary>
/// <param name="Offset">The number to skip, 0 or more.</param>
/// <param name="Limit">The maximum number of items, 0 or more.</param>
internal readonly record struct AdvertisementQuery(int Offset, int Limit)
{
    /// <summary>Only those of this owner, named as in <see cref="ChannelName.OwnerKey"/>; null: all owners.</summary>
    public string? OwnerKey { get; init; }

    /// <summary>Only those with this text in the channel's name or the description, case-insensitive; null: all.</summary>
    public string? Text { get; init; }
}

/// <summary>One page of the advertisements that match a query.</summary>
/// <param name="Items">Newest first; those of one millisecond in the order of their channels' names.</param>
/// <param name="Total">The number of all matches.</param>
internal readonly record struct AdvertisementPage(IReadOnlyList<Advertisement> Items, int Total);
