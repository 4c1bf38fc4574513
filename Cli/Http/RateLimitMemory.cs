using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>Remembers between runs how long the server refuses requests that write, so that a script in a loop does not make it
/// worse.</summary>
internal sealed class RateLimitMemory(ConfigFile config, TimeProvider time)
{
    /// <summary>The error while the limit lasts; null if requests may be sent.</summary>
    public Failure? ActiveFailure() =>
        config.Values.RateLimitedUntil is { } until && until > Now
            ? WaitFailure("Rate limit active", until)
            : null;

    /// <summary>Stores the end of the limit that a 429 announced.</summary>
    /// <param name="until">Unix milliseconds; null if the server sent no time.</param>
    /// <returns>The error to show.</returns>
    public Failure RememberLimit(long? until)
    {
        if (until is not { } end)
        {
            return new Failure("Rate limit exceeded. Too many requests.", "Wait a second and try again");
        }

        // If the file cannot be written, the next run sends one request too many; the error to show stays this one.
        _ = config.Update(values => values with { RateLimitedUntil = end });
        return WaitFailure("Server rate limit exceeded", end);
    }

    /// <summary>Ends the wait, after any answer other than a 429.</summary>
    public void ClearLimit()
    {
        if (config.Values.RateLimitedUntil is not null)
        {
            _ = config.Update(values => values with { RateLimitedUntil = null });
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private Failure WaitFailure(string problem, long until)
    {
        var seconds = Math.Max(1, (until - Now + 999) / 1000);
        return new Failure(
            $"{problem}. You must wait {seconds} second(s) before the next request.",
            $"Wait {seconds} second(s) and try again");
    }
}
