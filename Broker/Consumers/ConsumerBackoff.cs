using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Consumers;

/// <summary>How long a consumer waits after a failure. Pure.</summary>
internal static class ConsumerBackoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly Backoff Own = new(First: TimeSpan.FromMilliseconds(20), Longest);

    /// <inheritdoc cref="Backoff.After"/>
    public static TimeSpan After(int failures, double spread) => Own.After(failures, spread);
}
