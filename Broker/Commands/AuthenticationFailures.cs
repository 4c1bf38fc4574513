using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Commands;

/// <summary>Counts tokens of clients that do not do.</summary>
internal static class AuthenticationFailures
{
    /// <inheritdoc cref="BrokerMetrics.AuthenticationFailed{TStatus}(string, TStatus)"/>
    /// <param name="status">Its default is that of a valid token.</param>
    public static void CountUnlessValid<TStatus>(this BrokerMetrics metrics, string door, TStatus status)
        where TStatus : struct, Enum
    {
        if (!EqualityComparer<TStatus>.Default.Equals(status, default))
        {
            metrics.AuthenticationFailed(door, status);
        }
    }
}
