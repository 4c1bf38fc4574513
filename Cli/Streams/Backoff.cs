namespace ClawEvents.Cli.Streams;

/// <summary>How long to wait before the next attempt: full jitter, so that a thousand clients of a restarted server do not all
/// reconnect at the same moment.</summary>
/// <param name="random">Uniform in [0, 1).</param>
internal sealed class Backoff(Func<double> random)
{
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    /// <summary>Upper limit while the server may only be restarting: the client is back within three seconds.</summary>
    public static readonly TimeSpan MostAtFirst = TimeSpan.FromSeconds(2);

    /// <summary>Upper limit after that, to spare a server that stays away.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    // Together about 37 seconds, with the jitter at its middle: longer than a restart takes.
    private const int FirstAttempts = 30;

    private int _attempt;
    private TimeSpan _limit = Least;

    /// <summary>The next wait, at least <see cref="Least"/>; its limit doubles with each call, up to <see cref="MostAtFirst"/> and
    /// later to <see cref="Most"/>.</summary>
    public TimeSpan Next()
    {
        var most = _attempt < FirstAttempts ? MostAtFirst : Most;
        _attempt = Math.Min(_attempt + 1, FirstAttempts);
        _limit = _limit * 2 < most ? _limit * 2 : most;
        return Least + (random() * (_limit - Least));
    }

    /// <summary>Called after a success: the next failure starts from the shortest wait again.</summary>
    public void Reset() => (_attempt, _limit) = (0, Least);
}
