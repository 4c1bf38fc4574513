namespace ClawEvents.Broker.Protocol;

/// <summary>The reason why the broker ended a subscription. Below 2500 the client does not try again; from 2500 on it resubscribes.</summary>
/// <param name="Code">2000 to 2999.</param>
/// <param name="Reason">Not empty.</param>
internal sealed record UnsubscribeCode(int Code, string Reason)
{
    /// <summary>The server API asked for it.</summary>
    public static readonly UnsubscribeCode ServerUnsubscribe = new(2000, "server unsubscribe");

    /// <summary>The right to listen was taken away: a lock was set or a grant revoked.</summary>
    public static readonly UnsubscribeCode PermissionDenied = new(2000, "permission denied");

    /// <summary>A publication was missed, or the store does not say whether the right to listen is still there: the client subscribes again, and recovers.</summary>
    public static readonly UnsubscribeCode InsufficientState = new(2500, "insufficient state");

    /// <summary>The client needs a new token.</summary>
    public static readonly UnsubscribeCode SubscriptionExpired = new(2501, "subscription expired");
}
