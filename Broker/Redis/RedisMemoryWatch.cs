using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Redis;

/// <summary>What a Redis does when its memory is full.</summary>
internal enum RedisMemory : byte
{
    /// <summary>It has room, and would refuse changes without removing anything.</summary>
    Fine,

    /// <summary>It has room, and would remove keys: locks, grants or history could vanish without notice.</summary>
    Evicting,

    /// <summary>It is full, and refuses changes that need memory. Reads, deletes and publications without history go on.</summary>
    Full,
}

/// <summary>Knows whether one server accepts changes, or refuses them because its memory is full.</summary>
/// <remarks>
/// DESIGN. A refused command shows that memory is full; an accepted one shows nothing, because most commands of a broker (reads, deletes,
/// publications without history) are accepted with full memory, too. So the server is asked when somebody wants to know and nothing recent is known:
/// with INFO, a read, which every server answers for itself, also in a cluster. A trial write would be a change per check, and would need a key
/// for each server of a cluster. It is asked four times a second at most, because anybody may ask for <c>/health</c>.
/// Thread-safe.
/// </remarks>
/// <param name="ask">Sends <c>INFO memory</c>.</param>
/// <param name="changed">Called with each new state, but for <see cref="RedisMemory.Fine"/> at the start. Does not wait.</param>
internal sealed class RedisMemoryWatch(Func<Task<string?>> ask, Action<RedisMemory>? changed = null)
{
    private static readonly TimeSpan AnswerLife = TimeSpan.FromMilliseconds(250);

    // At the limit, memory is free and full in turn.
    private static readonly TimeSpan RefusalLife = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long? _askedAt;
    private long? _refusedAt;

    /// <summary>The state as far as it is known.</summary>
    public RedisMemory State { get; private set; }

    /// <summary>The failure of a command that was refused for want of memory.</summary>
    /// <param name="address">Of the server.</param>
    public static StoreUnavailableException Refusal(RedisAddress address, Exception? cause = null) =>
        new($"Redis ({address}) is out of memory and refuses changes: free memory there, or raise its maxmemory", cause!) { Problem = "Redis is out of memory" };

    /// <summary>A command was refused because memory is full.</summary>
    public void OnRefused()
    {
        lock (_gate)
        {
            _refusedAt = Stopwatch.GetTimestamp();
        }

        Set(RedisMemory.Full);
    }

    /// <summary>Returns the state, a second old at most. Takes as long as one answer and does not throw: a server that does not answer counts as fine.</summary>
    public async ValueTask<RedisMemory> FindAsync()
    {
        lock (_gate)
        {
            if (IsWithin(_askedAt, AnswerLife))
            {
                return State;
            }

            _askedAt = Stopwatch.GetTimestamp();
        }

        try
        {
            Read(await ask());
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidDataException)
        {
            // It is away, which is reported elsewhere, or does not allow the question: then only refusals show the state.
            Read(null);
        }

        return State;
    }

    /// <summary>Reads an answer; without one, only refusals count.</summary>
    public void Read(string? answer)
    {
        var info = answer ?? "";
        var most = NumberIn(info, "maxmemory:");
        var policy = ValueIn(info, "maxmemory_policy:");
        var removes = most > 0 && policy is not (null or "noeviction");

        // As the server itself counts. One that may remove any key does so before it refuses, and may be behind for a moment.
        var isOver = most > 0 && policy?.StartsWith("allkeys", StringComparison.Ordinal) is not true
            && NumberIn(info, "used_memory:") - NumberIn(info, "mem_not_counted_for_evict:") > most;
        bool wasRefused;
        lock (_gate)
        {
            wasRefused = IsWithin(_refusedAt, RefusalLife);
        }

        Set(isOver || wasRefused ? RedisMemory.Full : removes ? RedisMemory.Evicting : RedisMemory.Fine);
    }

    private static bool IsWithin(long? moment, TimeSpan life) => moment is { } since && Stopwatch.GetElapsedTime(since) < life;

    private static long NumberIn(string info, string name) =>
        long.TryParse(ValueIn(info, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // Lines of NAME:VALUE.
    private static string? ValueIn(string info, string name)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return line[name.Length..].ToString();
            }
        }

        return null;
    }

    private void Set(RedisMemory state)
    {
        lock (_gate)
        {
            if (State == state)
            {
                return;
            }

            State = state;
        }

        changed?.Invoke(state);
    }
}
