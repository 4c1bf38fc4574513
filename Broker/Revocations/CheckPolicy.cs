namespace ClawEvents.Broker.Revocations;

/// <summary>How hard <see cref="PendingChecks{TKey}"/> try to get an answer.</summary>
/// <param name="MaxAtOnce">The number of checks that run simultaneously; the others wait.</param>
/// <param name="RetryDelay">The delay before a check without an answer is retried.</param>
/// <param name="Limit">The time from the request to the answer, after which a check is given up; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
internal sealed record CheckPolicy(int MaxAtOnce, TimeSpan RetryDelay, TimeSpan Limit)
{
    /// <summary>
    /// For a change that is known: a lock must hold within one second, also when the store does not answer. The rest of the second is for ending what
    /// the change concerns.
    /// </summary>
    public static readonly CheckPolicy KnownChange = new(MaxAtOnce: 64, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(750));

    /// <summary>
    /// For everything, because a change may have been missed: the checks of a node that has found its bus again must not delay the requests of clients.
    /// </summary>
    public static readonly CheckPolicy MissedChange = new(MaxAtOnce: 4, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
}
