using System.Text.Json;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Reads a channel's history page by page, as it is when reading begins. The publications are those of the protocol.</summary>
internal sealed class HistoryReader(IChannelDoor door, string channel)
{
    // Servers give at most 300 at a time; a hundred of the largest payloads are still one message of a few MB.
    private const int PageLength = 100;

    private string _epoch = "";

    /// <summary>Offset of the newest publication; 0 if there has been none.</summary>
    public ulong Top { get; private set; }

    /// <summary>Asks for the history's position, before anything else.</summary>
    /// <returns>null, or the answer that is no result.</returns>
    public async Task<CommandAnswer?> OpenAsync()
    {
        var answer = await door.AskAsync("history", channel);
        if (answer.Result is not { } result)
        {
            return answer;
        }
        _epoch = result.StringMember("epoch"u8) ?? "";
        Top = HistoryEntry.OffsetOf(result);
        return null;
    }

    /// <summary>Reads the publications after a position, oldest first.</summary>
    /// <param name="after">An offset; 0 for all.</param>
    /// <param name="limit">Most publications to read.</param>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<CommandAnswer?> ReadForwardAsync(ulong after, long limit, Action<JsonElement> take)
    {
        while (limit > 0 && after < Top)
        {
            var answer = await AskAsync(Math.Min(limit, PageLength), after, isReverse: false);
            if (answer.Result is not { } page)
            {
                return answer;
            }
            var last = after;
            foreach (var publication in page.ListMember("publications"u8))
            {
                take(publication);
                last = HistoryEntry.OffsetOf(publication);
                limit--;
            }
            if (last <= after)
            {
                // The rest of the history has gone meanwhile.
                return null;
            }
            after = last;
        }
        return null;
    }

    /// <summary>Reads the publications newest first.</summary>
    /// <param name="take">Returns whether to go on.</param>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<CommandAnswer?> ReadBackwardAsync(Func<JsonElement, bool> take)
    {
        ulong? before = null;
        while (before is not (0 or 1))
        {
            var answer = await AskAsync(PageLength, before, isReverse: true);
            if (answer.Result is not { } page)
            {
                return answer;
            }
            var last = before ?? ulong.MaxValue;
            foreach (var publication in page.ListMember("publications"u8))
            {
                if (!take(publication))
                {
                    return null;
                }
                last = HistoryEntry.OffsetOf(publication);
            }
            if (last >= (before ?? ulong.MaxValue))
            {
                return null;
            }
            before = last;
        }
        return null;
    }

    private Task<CommandAnswer> AskAsync(long limit, ulong? since, bool isReverse) => door.AskAsync("history", channel, json =>
    {
        json.WriteNumber("limit"u8, limit);
        if (since is { } offset)
        {
            json.WriteStartObject("since"u8);
            json.WriteNumber("offset"u8, offset);
            json.WriteString("epoch"u8, _epoch);
            json.WriteEndObject();
        }
        if (isReverse)
        {
            json.WriteBoolean("reverse"u8, true);
        }
    });
}
