namespace ClawEvents.Broker.Protocol;

/// <summary>Why the broker ended a subscription. Below 2500 the client does not try again; from 2500 on it resubscribes.</summary>
/// <param name="Code">2000 to 2999.</param>
/// <param name="Reason">Non-empty ASCII without quotes.</param>
internal sealed record UnsubscribeCode(int Code, string Reason)
{
    /// <summary>The right to listen was taken away: a lock was set or a grant revoked.</summary>
    public static readonly UnsubscribeCode PermissionDenied = new(2000, "permission denied");
}
