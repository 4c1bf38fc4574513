namespace ClawEvents.Broker.State.Redis;

/// <summary>What was read lately from a store behind a network, as long as every change of it is heard.</summary>
/// <typeparam name="TKey">Compared by value.</typeparam>
/// <typeparam name="TValue">Null, or what stands for "there is none", is kept as any other.</typeparam>
/// <remarks>
/// DESIGN. A direct-mapped table, as in ChannelNames: it never grows, and a collision only costs a new read. Each group of keys that change
/// together has a number that every change raises, whoever made it; a value counts only with the number its reading began with. So a reading
/// that began before a change cannot bring the old value back, however late its answer comes, and nothing needs a gate. What is heard over one
/// connection and read over another comes in any order: a change is heard before the answer, then the number has been raised; or after it, then
/// it takes out what was read, be it old or new. And a value counts only while <see cref="IChangeFeed.Continuity"/> is what it was when its reading
/// began: when a change could have been missed, everything is read again.
/// </remarks>
internal sealed class ReadCache<TKey, TValue>
    where TKey : notnull
{
    private readonly IChangeFeed _feed;
    private readonly Func<TKey, int>? _groupOf;
    private readonly Entry?[] _entries;
    private readonly int[] _changes;

    /// <param name="slots">How many values at most; a power of two.</param>
    /// <param name="feed">Says whether all changes are heard. Whoever listens to it calls <see cref="Forget"/>.</param>
    /// <param name="groupOf">A hash that is the same for keys that change together; null: each key changes by itself.</param>
    public ReadCache(int slots, IChangeFeed feed, Func<TKey, int>? groupOf = null)
    {
        _feed = feed;
        _groupOf = groupOf;
        _entries = new Entry?[slots];
        _changes = new int[slots];
    }

    /// <remarks>Thread-safe. Hot path: allocates nothing.</remarks>
    public bool TryGet(TKey key, out TValue value)
    {
        if (Volatile.Read(ref _entries[SlotOf(key)]) is { } entry
            && entry.Reading.Continuity != 0
            && entry.Reading.Change == Volatile.Read(ref _changes[GroupOf(key)])
            && EqualityComparer<TKey>.Default.Equals(entry.Key, key)
            && entry.Reading.Continuity == _feed.Continuity)
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
    public Reading Begin(TKey key) => new(Volatile.Read(ref _changes[GroupOf(key)]), _feed.Continuity);

    /// <summary>Keeps what the reading brought, unless there was a change since it began.</summary>
    public void End(Reading reading, TKey key, TValue value) => Volatile.Write(ref _entries[SlotOf(key)], new Entry(key, value, reading));

    /// <summary>Call it for every change that is heard of, and after every change that the store may have made, also when it gave no answer.</summary>
    public void Forget(TKey key) => Interlocked.Increment(ref _changes[GroupOf(key)]);

    /// <summary>Call it when answers may have come from a server that knew less than the one whose changes are heard.</summary>
    public void ForgetAll()
    {
        for (var group = 0; group < _changes.Length; group++)
        {
            Interlocked.Increment(ref _changes[group]);
        }
    }

    private int SlotOf(TKey key) => key.GetHashCode() & (_entries.Length - 1);

    private int GroupOf(TKey key) => (_groupOf is null ? key.GetHashCode() : _groupOf(key)) & (_changes.Length - 1);

    /// <summary>When a question went out.</summary>
    /// <param name="Change">The number of its group at that time.</param>
    /// <param name="Continuity">The feed's at that time.</param>
    internal readonly record struct Reading(int Change, long Continuity);

    private sealed record Entry(TKey Key, TValue Value, Reading Reading);
}
