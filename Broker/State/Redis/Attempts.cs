namespace ClawEvents.Broker.State.Redis;

/// <summary>Attempts to reach Redis of which one runs at a time.</summary>
internal static class Attempts
{
    /// <summary>Waits, off the caller's thread, until the attempt before is over.</summary>
    /// <exception cref="Faults.StoreUnavailableException">It failed meanwhile. So this one fails, too: waits do not add up while Redis is unavailable.</exception>
    /// <remarks>The failure of an attempt that was over already belongs to those who waited for it.</remarks>
    public static async Task AfterAsync(Task before) => await before.ConfigureAwait(
        ConfigureAwaitOptions.ForceYielding | (before.IsCompleted ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None));
}
