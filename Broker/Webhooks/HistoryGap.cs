using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Publications that a history does not have any more.</summary>
/// <param name="Last">The last one that is missing: deliveries go on behind it.</param>
/// <param name="Missed">How many; null: not known, because the history began again, or lost its newest.</param>
internal readonly record struct HistoryGap(StreamPosition Last, ulong? Missed)
{
    /// <summary>Finds what is missing between a cursor and what was read behind it. Pure.</summary>
    /// <param name="cursor">The last publication that was delivered.</param>
    /// <param name="page">Read from the cursor, or from the beginning if the history is another one.</param>
    /// <returns>Null: nothing is missing.</returns>
    public static HistoryGap? Find(StreamPosition cursor, HistoryPage page)
    {
        var before = new StreamPosition(page.Publications is [var first, ..] ? first.Offset - 1 : page.Top.Offset, page.Top.Epoch);
        return cursor.Epoch != page.Top.Epoch ? new(before, null)
            : cursor.Offset > page.Top.Offset ? new(page.Top, null)
            : cursor.Offset < before.Offset ? new(before, before.Offset - cursor.Offset)
            : null;
    }
}
