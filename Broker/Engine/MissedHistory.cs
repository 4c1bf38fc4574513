using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>Reads what a subscriber with a position has missed, in pages: one long answer would delay all others of the engine's server.</summary>
internal static class MissedHistory
{
    /// <summary>Most publications of one answer.</summary>
    public const int PageSize = 300;

    /// <param name="channel">One with history.</param>
    /// <param name="request">The client's wishes, limited to what it may ask.</param>
    /// <param name="limit">Most publications in all; 0: any number.</param>
    /// <param name="metaTtl">As in <see cref="IChannelEngine.ReadHistoryAsync"/>.</param>
    /// <returns>As if read at the moment of the last page; for <see cref="Recovery.Resolve"/>. It ends before the channel's position if more was missed than the limit.</returns>
    /// <exception cref="Faults.StoreUnavailableException">The engine's server is away.</exception>
    public static async ValueTask<HistoryPage> ReadAsync(
        IChannelEngine engine, ChannelName channel, RecoveryRequest request, int limit, TimeSpan metaTtl)
    {
        var most = limit == 0 ? int.MaxValue : limit;
        var filter = Recovery.FilterFor(request, Math.Min(most, PageSize));
        var first = await engine.ReadHistoryAsync(channel, filter, metaTtl);
        return filter.Reverse || first.Publications.Count < PageSize || !IsWithin(most, request.Since, first)
            ? first
            : await ReadOnAsync(engine, channel, first, most, metaTtl) ?? await ReadAsync(engine, channel, request, limit, metaTtl);
    }

    // Nothing is missing before the first page, and the limit reaches the channel's position.
    private static bool IsWithin(int most, StreamPosition since, HistoryPage first) =>
        first.Publications[0].Offset == since.Offset + 1 && first.Top.Offset - since.Offset <= (ulong)most;

    // Null when the channel has begun a new epoch meanwhile: the pages do not belong together.
    private static async ValueTask<HistoryPage?> ReadOnAsync(IChannelEngine engine, ChannelName channel, HistoryPage page, int most, TimeSpan metaTtl)
    {
        var epoch = page.Top.Epoch;
        List<StoredPublication> all = [.. page.Publications];
        while (all[^1].Offset < page.Top.Offset && all.Count < most)
        {
            var since = new StreamPosition(all[^1].Offset, epoch);
            page = await engine.ReadHistoryAsync(channel, new(Math.Min(most - all.Count, PageSize), since), metaTtl);
            if (page.Top.Epoch != epoch)
            {
                return null;
            }

            if (page.Publications is not [var next, ..] || next.Offset != since.Offset + 1)
            {
                // The history has moved on: what was read ends before its position.
                break;
            }

            all.AddRange(page.Publications);
        }

        return page with { Publications = all };
    }
}
