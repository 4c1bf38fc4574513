using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>Remembers between runs until when the server refuses requests that write, so that a script in a loop does not make
/// it worse by asking.</summary>
internal sealed class RateLimitMemory(ConfigFile config, TimeProvider time)
{
    /// <summary>Why nothing may be sent now; null if it may.</summary>
    public Failure? Active() =>
        config.Values.RateLimitedUntil is { } until && until > Now
            ? Wait("Rate limit active", until)
            : null;

    /// <summary>Keeps what a 429 said.</summary>
    /// <param name="until">Unix milliseconds; null if the server did not say.</param>
    /// <returns>What to tell the user.</returns>
    public Failure Remember(long? until)
    {
        if (until is not { } end)
        {
            return new Failure("Rate limit exceeded. Too many requests.", "Wait a second and try again");
        }

        // A home that cannot be written costs one request more next time, not this error's text.
        _ = config.Update(values => values with { RateLimitedUntil = end });
        return Wait("Server rate limit exceeded", end);
    }

    /// <summary>Any answer but a 429 ends the wait.</summary>
    public void Clear()
    {
        if (config.Values.RateLimitedUntil is not null)
        {
            _ = config.Update(values => values with { RateLimitedUntil = null });
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private Failure Wait(string what, long until)
    {
        var seconds = Math.Max(1, (until - Now + 999) / 1000);
        return new Failure(
            $"{what}. You must wait {seconds} second(s) before the next request.",
            $"Wait {seconds} second(s) and try again");
    }
}
