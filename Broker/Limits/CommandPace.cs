namespace ClawEvents.Broker.Limits;

/// <summary>How much a connection does in one turn, and whether it does more than its share.</summary>
/// <remarks>
/// DESIGN. A turn ends after <see cref="MaxCommands"/> commands or <see cref="MaxTime"/>, so that no connection keeps a thread while others wait. A
/// connection that sends more commands than its bucket allows is greedy until the bucket has tokens again: its turns go to the
/// <see cref="SlowLane"/>. Nothing is refused: alone on the machine, a greedy connection is as fast as any.
/// <para>Not thread-safe: the commands of a connection run one after another. Knows no pipe and no socket. 32 bytes, and allocates nothing.</para>
/// </remarks>
internal struct CommandPace
{
    /// <summary>Commands of one turn; also control frames and fragments, which cost as much as cheap commands.</summary>
    public const int MaxCommands = 64;

    /// <summary>Length of a turn, after which the command that runs is its last.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMicroseconds(300);

    // The clock costs a tenth of a cheap command.
    private const int CommandsPerLookAtClock = 4;

    private TokenBucket _bucket;
    private long _turnStart;
    private int _commands;

    /// <summary>The connection has sent more commands than its share: its next turn belongs in the slow lane.</summary>
    public bool IsGreedy { get; private set; }

    /// <summary>Begins a turn.</summary>
    public void BeginTurn(TimeProvider time)
    {
        _turnStart = time.GetTimestamp();
        _commands = 0;
    }

    /// <summary>Counts a command that has been carried out.</summary>
    /// <param name="rule">The connection's share of commands.</param>
    /// <returns>Whether the turn is over.</returns>
    public bool CountCommand(in BucketRule rule, TimeProvider time)
    {
        _commands++;
        IsGreedy = !_bucket.TryTake(rule, _turnStart, time, out _);
        return _commands >= MaxCommands
            || (_commands % CommandsPerLookAtClock == 0 && time.GetElapsedTime(_turnStart) > MaxTime);
    }
}
