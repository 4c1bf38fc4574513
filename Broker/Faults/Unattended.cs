namespace ClawEvents.Broker.Faults;

/// <summary>Runs work that nobody waits for, so that its failure is logged instead of lost.</summary>
internal static partial class Unattended
{
    /// <param name="work">Ends with an <see cref="OperationCanceledException"/> when it is cancelled, and so does the returned task.</param>
    /// <param name="purpose">For the log; begins with a verb, as in "renew presence".</param>
    /// <returns>False when the store was unavailable, which the store has logged: the work may be tried again. True otherwise, also after any other failure.</returns>
    public static async Task<bool> RunAsync(Func<ValueTask> work, ILogger logger, string purpose)
    {
        try
        {
            await work();
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, purpose, exception);
            return true;
        }
    }

    private static partial class Log
    {
        // Above the numbers that callers use in their own categories.
        [LoggerMessage(100, LogLevel.Error, "Failed to {Purpose}.")]
        public static partial void Failed(ILogger logger, string purpose, Exception exception);
    }
}
