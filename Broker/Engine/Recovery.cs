using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Engine;

/// <summary>Decides what a subscriber with a position gets. Pure.</summary>
internal static class Recovery
{
    /// <summary>The history to read for <see cref="Resolve"/>, or its first page.</summary>
    public static HistoryFilter FilterFor(in RecoveryRequest request, int maxPublications = MissedHistory.PageSize) => request switch
    {
        { Recovers: false } => HistoryFilter.Position,
        { Mode: RecoveryMode.Cache } => HistoryFilter.Newest,
        _ => new(maxPublications, request.Since),
    };

    /// <param name="request">The client's wishes, limited to what it may ask.</param>
    /// <param name="history">Read by <see cref="MissedHistory"/>.</param>
    public static RecoveryResult Resolve(in RecoveryRequest request, HistoryPage history)
    {
        var start = new RecoveryResult(history.Top, history.Top) { WasRecovering = request.IsTried };
        if (!request.Recovers)
        {
            return start;
        }

        var isRecovered = request.Mode is RecoveryMode.Cache ? HasNewest(request.Since, history) : ReachesFrom(request.Since, history);
        if (isRecovered)
        {
            return start with
            {
                Recovered = true,
                Position = history.Top with { Offset = request.Since.Offset },
                Publications = request.Mode is RecoveryMode.Cache && IsUpToDate(request.Since, history.Top) ? [] : history.Publications,
            };
        }

        return start with { Error = request is { Recover: true, RejectUnrecovered: true } ? ErrorCode.UnrecoverablePosition : null };
    }

    // Nothing may be missing between the client's place and the top; more than were read is missing, too.
    private static bool ReachesFrom(StreamPosition since, HistoryPage history)
    {
        if (!string.IsNullOrEmpty(since.Epoch) && since.Epoch != history.Top.Epoch)
        {
            return false;
        }

        return history.Publications is [var first, ..]
            ? first.Offset == since.Offset + 1 && history.Publications[^1].Offset == history.Top.Offset
            : since.Offset == history.Top.Offset;
    }

    private static bool HasNewest(StreamPosition since, HistoryPage history) =>
        history.Publications is [var newest] ? newest.Offset == history.Top.Offset : IsUpToDate(since, history.Top);

    private static bool IsUpToDate(StreamPosition since, StreamPosition top) => since.Offset > 0 && since == top;
}
