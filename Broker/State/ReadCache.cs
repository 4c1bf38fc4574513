namespace ClawEvents.Broker.State;

/// <summary>What was read lately from a store behind a network, for a second: an answer out of it is no older than that.</summary>
/// <typeparam name="TKey">Compared by value.</typeparam>
/// <typeparam name="TValue">Null, or what stands for "there is none", is kept as any other.</typeparam>
/// <remarks>
/// DESIGN. A direct-mapped table, as in ChannelNames: it never grows, and a collision only costs a new read. Each slot has a
/// number that every change in it raises; a value counts only with the number its reading began with. So a reading that began before
/// a change cannot bring the old value back, however late its answer comes, and nothing needs a gate.
/// </remarks>
internal sealed class ReadCache<TKey, TValue>
    where TKey : notnull
{
    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Entry?[] _entries;
    private readonly int[] _changes;

    /// <param name="slots">How many values at most; a power of two.</param>
    /// <param name="time">Tells their age.</param>
    public ReadCache(int slots, TimeProvider time)
    {
        _time = time;
        _entries = new Entry?[slots];
        _changes = new int[slots];
    }

    /// <remarks>Thread-safe. Hot path: allocates nothing.</remarks>
    public bool TryGet(TKey key, out TValue value)
    {
        var slot = SlotOf(key);
        if (Volatile.Read(ref _entries[slot]) is { } entry
            && entry.Reading.Change == Volatile.Read(ref _changes[slot])
            && _time.GetElapsedTime(entry.Reading.BegunAt) < Life
            && EqualityComparer<TKey>.Default.Equals(entry.Key, key))
        {
            value = entry.Value;
            return true;
        }

        value = default!;
        return false;
    }

    /// <summary>The value as it was read last, however old; default when it is not there any more.</summary>
    public TValue? Peek(TKey key) =>
        Volatile.Read(ref _entries[SlotOf(key)]) is { } entry && EqualityComparer<TKey>.Default.Equals(entry.Key, key) ? entry.Value : default;

    /// <summary>Call it before the store is asked.</summary>
    public Reading Begin(TKey key) => new(Volatile.Read(ref _changes[SlotOf(key)]), _time.GetTimestamp());

    /// <summary>Keeps what the reading brought, unless there was a change since it began.</summary>
    public void End(Reading reading, TKey key, TValue value) => Volatile.Write(ref _entries[SlotOf(key)], new Entry(key, value, reading));

    /// <summary>Call it after every change that the store may have made, also when it gave no answer.</summary>
    public void Forget(TKey key) => Interlocked.Increment(ref _changes[SlotOf(key)]);

    private int SlotOf(TKey key) => key.GetHashCode() & (_entries.Length - 1);

    /// <summary>When a question went out.</summary>
    /// <param name="Change">The number of its slot at that time.</param>
    /// <param name="BegunAt">The time provider's timestamp.</param>
    internal readonly record struct Reading(int Change, long BegunAt);

    private sealed record Entry(TKey Key, TValue Value, Reading Reading);
}
