using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Engine;

/// <summary>The rules of a request for history. Pure.</summary>
internal static class HistoryRules
{
    /// <summary>Whether nothing can be read backwards from there: the publication before it has not been published yet.</summary>
    public static bool IsAhead(StreamPosition since, StreamPosition top) => since.Offset > top.Offset && since.Offset - top.Offset > 1;

    /// <summary>The error that a request is answered with in place of the page; null: none.</summary>
    /// <param name="filter">The request.</param>
    /// <param name="top">The channel's position, as the engine answered it.</param>
    /// <remarks>That publications after <c>since</c> are gone is no error: what is there is the answer.</remarks>
    public static ErrorCode? Refuse(in HistoryFilter filter, StreamPosition top) => filter switch
    {
        { Reverse: true, Since.Offset: 0 } => ErrorCode.BadRequest.Because("reverse needs a since.offset above 0, or no since"),
        { Since: { Epoch.Length: > 0 } since } when since.Epoch != top.Epoch => ErrorCode.UnrecoverablePosition,
        _ => null,
    };
}
