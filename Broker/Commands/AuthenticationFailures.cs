using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Commands;

/// <summary>Counts tokens of clients that do not do.</summary>
internal static class AuthenticationFailures
{
    /// <inheritdoc cref="BrokerMetrics.AuthenticationFailed"/>
    public static void CountUnlessValid(this BrokerMetrics metrics, string door, TokenStatus status)
    {
        if (status is not TokenStatus.Valid)
        {
            metrics.AuthenticationFailed(door, status.ToString().ToLowerInvariant());
        }
    }

    /// <inheritdoc cref="BrokerMetrics.AuthenticationFailed"/>
    public static void CountUnlessValid(this BrokerMetrics metrics, string door, SubscriptionTokenStatus status)
    {
        if (status is not SubscriptionTokenStatus.Valid)
        {
            metrics.AuthenticationFailed(door, status.ToString().ToLowerInvariant());
        }
    }
}
