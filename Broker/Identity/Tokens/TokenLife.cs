namespace ClawEvents.Broker.Identity.Tokens;

/// <summary>The remaining lifetime of a token, as clients receive it.</summary>
internal static class TokenLife
{
    private const long LongestSeconds = 365 * 24 * 3600;

    /// <returns>At least 1 and at most a year; 0 when it never expires.</returns>
    public static long SecondsLeft(DateTimeOffset expiresAt, TimeProvider time) =>
        expiresAt == DateTimeOffset.MaxValue ? 0 : Math.Clamp((long)(expiresAt - time.GetUtcNow()).TotalSeconds, 1, LongestSeconds);
}
