using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Webhooks;

/// <summary>How long a webhook waits after a failed delivery. Pure.</summary>
internal static class WebhookBackoff
{
    /// <summary>The longest wait, also when the receiver asks for more.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly Backoff Own = new(First: TimeSpan.FromSeconds(2), Longest);

    /// <param name="failures">In a row; 1 or more.</param>
    /// <param name="asked">The receiver's <c>Retry-After</c>; null: none. It is waited for if it is longer.</param>
    /// <param name="spread">0 to 1.</param>
    public static TimeSpan After(int failures, TimeSpan? asked, double spread)
    {
        var own = Own.After(failures, spread);
        return asked is { } wait && wait > own ? (wait < Longest ? wait : Longest) : own;
    }
}
