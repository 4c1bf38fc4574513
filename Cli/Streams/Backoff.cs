namespace ClawEvents.Cli.Streams;

/// <summary>How long to wait before the next attempt: full jitter, so that a thousand clients of a restarted server do not all
/// come back in the same moment.</summary>
/// <param name="random">Uniform in [0, 1).</param>
internal sealed class Backoff(Func<double> random)
{
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    // 0.5 s doubled six times is past 20 s; without a bound the power would overflow after a long night.
    private const int MaxDoublings = 6;

    private int _attempt;

    /// <summary>The next wait, between <see cref="Least"/> and <see cref="Most"/>; the range doubles with each call.</summary>
    public TimeSpan Next()
    {
        var range = Least * Math.Pow(2, _attempt);
        _attempt = Math.Min(_attempt + 1, MaxDoublings);
        var wait = Least + (random() * (range < Most ? range : Most));
        return wait < Most ? wait : Most;
    }

    /// <summary>It worked: the next trouble starts from the shortest wait again.</summary>
    public void Reset() => _attempt = 0;
}
