namespace ClawEvents.Broker.State.Redis;

/// <summary>Caches values from a store behind a network, as long as every change of them is heard.</summary>
/// <typeparam name="TKey">Compared by value.</typeparam>
/// <typeparam name="TValue">Null, or another value for "missing", is cached like any other.</typeparam>
/// <remarks>
/// DESIGN. A direct-mapped table, as in ChannelNames: it never grows, and a collision only costs a new read. Each group of keys that change
/// together has a number that every change raises, by this broker or another; a value counts only with the number its reading began with. So a reading
/// that began before a change cannot bring the old value back, however late its answer comes, and nothing needs a gate. Changes are heard over one
/// connection and values read over another, in any order: if a change is heard before the answer, the number has been raised; if after it, the
/// cached value is removed, be it old or new. And a value counts only while <see cref="IChangeFeed.Continuity"/> is what it was when its reading
/// began: when a change could have been missed, everything is read again.
/// </remarks>
internal sealed class ReadCache<TKey, TValue>
    where TKey : notnull
{
    private readonly IChangeFeed _feed;
    private readonly Func<TKey, int>? _groupOf;
    private readonly Entry?[] _entries;
    private readonly int[] _changes;

    /// <param name="slots">The maximum number of values; a power of two.</param>
    /// <param name="feed">Says whether all changes are heard. Its listener calls <see cref="Forget"/>.</param>
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

    /// <summary>The value as last read, however old; default when it is no longer cached.</summary>
    public TValue? Peek(TKey key) =>
        Volatile.Read(ref _entries[SlotOf(key)]) is { } entry && EqualityComparer<TKey>.Default.Equals(entry.Key, key) ? entry.Value : default;

    /// <summary>Call it before the store is asked.</summary>
    public Reading Begin(TKey key) => new(Volatile.Read(ref _changes[GroupOf(key)]), _feed.Continuity);

    /// <summary>Caches the value that was read, unless there was a change since the reading began.</summary>
    public void End(Reading reading, TKey key, TValue value) => Volatile.Write(ref _entries[SlotOf(key)], new Entry(key, value, reading));

    /// <summary>Call it for every change that is heard, and after every change that the store may have made, even when it did not answer.</summary>
    public void Forget(TKey key) => Interlocked.Increment(ref _changes[GroupOf(key)]);

    /// <summary>Call it when answers may have come from a server with older data than the one whose changes are heard.</summary>
    public void ForgetAll()
    {
        for (var group = 0; group < _changes.Length; group++)
        {
            Interlocked.Increment(ref _changes[group]);
        }
    }

    private int SlotOf(TKey key) => key.GetHashCode() & (_entries.Length - 1);

    private int GroupOf(TKey key) => (_groupOf is null ? key.GetHashCode() : _groupOf(key)) & (_changes.Length - 1);

    /// <summary>The moment when a reading began.</summary>
    /// <param name="Change">The number of its group at that moment.</param>
    /// <param name="Continuity">The feed's number at that moment.</param>
    internal readonly record struct Reading(int Change, long Continuity);

    private sealed record Entry(TKey Key, TValue Value, Reading Reading);
}
