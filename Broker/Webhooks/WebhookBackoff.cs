namespace ClawEvents.Broker.Webhooks;

/// <summary>How long a webhook waits after a failed delivery. Pure.</summary>
internal static class WebhookBackoff
{
    /// <summary>The longest wait, also when the receiver asks for more.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    // 2 s doubled so often is more than the longest wait.
    private const int MostDoublings = 11;

    /// <summary>Doubles with each failure, and is spread over its second half, so that receivers that failed together are not asked together.</summary>
    /// <param name="failures">In a row; 1 or more.</param>
    /// <param name="asked">The receiver's <c>Retry-After</c>; null: none. It is waited for if it is longer.</param>
    /// <param name="spread">0 to 1.</param>
    public static TimeSpan After(int failures, TimeSpan? asked, double spread)
    {
        var whole = First * (1 << Math.Min(failures - 1, MostDoublings));
        var own = (whole < Longest ? whole : Longest) * (0.5 + (spread / 2));
        return asked is { } wait && wait > own ? (wait < Longest ? wait : Longest) : own;
    }
}
