using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>The last publications of a channel: a ring that grows to the size that is wanted and then overwrites its oldest.</summary>
/// <remarks>Offsets in it follow each other without gaps. Not thread-safe.</remarks>
internal sealed class PublicationRing<T>
    where T : class, IStoredPublication
{
    private const int FirstCapacity = 4;

    private T?[] _slots = [];
    private int _start;

    public int Count { get; private set; }

    /// <summary>Bytes that the publications hold, roughly.</summary>
    public long Cost { get; private set; }

    public T? Newest => Count == 0 ? null : this[Count - 1];

    /// <param name="index">0 for the oldest.</param>
    public T this[int index] => _slots[(_start + index) % _slots.Length]!;

    public void Add(T publication, int size)
    {
        while (Count >= size)
        {
            DropOldest();
        }

        if (Count == _slots.Length)
        {
            Grow(size);
        }

        _slots[(_start + Count) % _slots.Length] = publication;
        Count++;
        Cost += PublicationCost.Of(publication.Publication);
    }

    public void Clear()
    {
        _slots = [];
        _start = Count = 0;
        Cost = 0;
    }

    /// <summary>The publications that a request asks for, in a new array.</summary>
    /// <param name="filter">Its offsets may be a client's: any number.</param>
    /// <param name="top">The channel's position.</param>
    public T[] Select(in HistoryFilter filter, StreamPosition top)
    {
        var (first, count) = filter.Reverse ? (0, CountBefore(filter.Since, top)) : (FirstAfter(filter.Since, top), Count - FirstAfter(filter.Since, top));
        var limited = filter.Limit < 0 ? count : Math.Min(count, filter.Limit);
        return limited == 0 ? [] : Copy(filter.Reverse ? count - limited : first, limited, filter.Reverse);
    }

    // The oldest one's index is 0, and offsets follow each other.
    private int FirstAfter(StreamPosition? since, StreamPosition top)
    {
        if (since is not { } position || Count == 0)
        {
            return 0;
        }

        var oldest = this[0].Offset;
        return position.Offset >= top.Offset ? Count : position.Offset < oldest ? 0 : (int)(position.Offset - oldest) + 1;
    }

    private int CountBefore(StreamPosition? since, StreamPosition top)
    {
        if (since is not { } position || Count == 0)
        {
            return Count;
        }

        var oldest = this[0].Offset;
        return position.Offset <= oldest || HistoryRules.IsAhead(position, top) ? 0 : (int)(position.Offset - oldest);
    }

    // In a new array.
    private T[] Copy(int first, int count, bool reverse)
    {
        var copy = new T[count];
        for (var i = 0; i < count; i++)
        {
            copy[reverse ? count - 1 - i : i] = this[first + i];
        }

        return copy;
    }

    private void DropOldest()
    {
        Cost -= PublicationCost.Of(this[0].Publication);
        _slots[_start] = null;
        _start = (_start + 1) % _slots.Length;
        Count--;
    }

    private void Grow(int size)
    {
        var slots = new T?[Math.Min(size, Math.Max(FirstCapacity, 2 * Count))];
        Copy(0, Count, reverse: false).CopyTo(slots, 0);
        _slots = slots;
        _start = 0;
    }
}
