using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>Which part of a history to read, and in which order.</summary>
/// <param name="Since">null for the newest publications.</param>
/// <param name="Limit">Most publications to read.</param>
/// <param name="IsReverse">Newest first.</param>
internal sealed record HistoryWish(HistoryStart? Since, long Limit, bool IsReverse)
{
    private static readonly CommandAnswer Timeless = new(Failure: new Failure("The messages of this channel carry no time", "Begin after an offset: --since <offset>"));

    /// <summary>Reads it.</summary>
    /// <returns>null, or the answer that ended it.</returns>
    public async Task<CommandAnswer?> ReadAsync(HistoryReader history, Action<JsonElement> take)
    {
        if (await history.OpenAsync() is { } refusal)
        {
            return refusal;
        }
        var (after, failed) = await FindStartAsync(history);
        return failed ?? (IsReverse ? await ReadBackwardAsync(history, after, take) : await history.ReadForwardAsync(after, Limit, take));
    }

    private async Task<(ulong After, CommandAnswer? Failed)> FindStartAsync(HistoryReader history) => Since switch
    {
        { Offset: { } offset } => (offset, null),
        { Time: { } time } => await FindTimeAsync(history, time.ToUnixTimeMilliseconds()),
        // Offsets have no gaps.
        _ => (IsReverse || history.Top <= (ulong)Limit ? 0 : history.Top - (ulong)Limit, null),
    };

    // From the end: what is read is what is printed then, and one page more. A message without a time belongs to its neighbours.
    private static async Task<(ulong After, CommandAnswer? Failed)> FindTimeAsync(HistoryReader history, long time)
    {
        var (after, read, timed) = (0UL, 0, 0);
        var failed = await history.ReadBackwardAsync(publication =>
        {
            var publishedAt = HistoryEntry.TimeOf(publication);
            read++;
            timed += publishedAt is null ? 0 : 1;
            after = publishedAt < time ? HistoryEntry.OffsetOf(publication) : 0;
            return after == 0;
        });
        return (after, read > 0 && timed == 0 ? Timeless : failed);
    }

    private async Task<CommandAnswer?> ReadBackwardAsync(HistoryReader history, ulong after, Action<JsonElement> take)
    {
        var left = Limit;
        return await history.ReadBackwardAsync(publication =>
        {
            if (HistoryEntry.OffsetOf(publication) <= after)
            {
                return false;
            }
            take(publication);
            return --left > 0;
        });
    }
}
