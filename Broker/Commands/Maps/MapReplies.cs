using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>Makes the replies to subscribes to a map. Pure.</summary>
internal static class MapReplies
{
    /// <summary>A page of the state. An entry that has changed since the first page comes with the changes, and is left out.</summary>
    public static SubscribeResult State(MapPaging paging, MapStatePage page)
    {
        var start = paging.Start!.Value;
        return Page(paging, MapPhase.State, start) with
        {
            Cursor = page.Cursor,
            State = Written(paging, page.Entries.Where(entry => entry.Offset <= start.Offset)),
        };
    }

    /// <summary>A page of the changes.</summary>
    /// <param name="isLast">The subscription begins with it: from here on the changes of a key may be patches.</param>
    public static SubscribeResult Changes(MapPaging paging, MapStreamPage page, bool isLast)
    {
        var position = page.Changes is [.., var last] ? page.Top with { Offset = last.Offset } : page.Top;
        return Page(paging, MapPhase.Stream, position) with
        {
            Publications = isLast ? MissedPublications.Of(Wanted(paging, page.Changes), paging.Plan.TakesDeltas, paging.Connection.Codec) : Written(paging, page.Changes),
        };
    }

    /// <summary>The reply with which the subscription begins.</summary>
    /// <param name="start">What every subscription begins with.</param>
    /// <param name="page">Entries and changes.</param>
    /// <param name="top">The map's position, up to which the client has everything.</param>
    public static SubscribeResult Live(MapPaging paging, in SubscribeResult start, in SubscribeResult page, StreamPosition top, bool isRecovery) => start with
    {
        Type = TypeOf(paging),
        State = page.State,
        Publications = page.Publications,
        Position = top,
        Recoverable = paging.Options.KeepsStream,
        WasRecovering = isRecovery,
        Recovered = isRecovery,
        PublishDebounceMilliseconds = (uint)paging.Plan.Channel.OptionsOrNone.ClientPublishDebounce.TotalMilliseconds,
    };

    private static SubscribeResult Page(MapPaging paging, int phase, StreamPosition position) => new() { Type = TypeOf(paging), Phase = phase, Position = position };

    private static int TypeOf(MapPaging paging) => (int)paging.Plan.Channel.OptionsOrNone.SubscriptionType;

    private static WirePublication[] Written(MapPaging paging, IEnumerable<MapPublication> entries)
    {
        var form = paging.Plan.TakesDeltas ? PublicationForm.Whole : PublicationForm.Plain;
        return [.. Wanted(paging, entries).Select(entry => WirePublication.Of(entry, form))];
    }

    private static IEnumerable<MapPublication> Wanted(MapPaging paging, IEnumerable<MapPublication> entries) =>
        paging.Plan.Filter is { } filter ? entries.Where(entry => filter.Matches(entry.Publication.Tags)) : entries;
}
