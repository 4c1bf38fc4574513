using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Maps;

namespace ClawEvents.Broker.Commands.Maps;

/// <summary>Whether a page of a map's changes fits the position of a client. Pure.</summary>
internal static class MapRecovery
{
    /// <summary>Whether nothing is missing between the position and the page.</summary>
    public static bool Follows(StreamPosition since, MapStreamPage page) =>
        since.Epoch == page.Top.Epoch
        && (page.Changes is [var first, ..] ? first.Offset == since.Offset + 1 : page.Top.Offset == since.Offset);

    /// <summary>Whether with the page the client has everything.</summary>
    public static bool IsComplete(StreamPosition since, MapStreamPage page) =>
        Follows(since, page) && (page.Changes is not [.., var last] || last.Offset == page.Top.Offset);
}
