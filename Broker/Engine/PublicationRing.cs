using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Engine;

/// <summary>The last publications of a channel: a ring that grows to the size that is wanted and then overwrites its oldest.</summary>
/// <remarks>Offsets in it follow each other without gaps. Not thread-safe.</remarks>
internal sealed class PublicationRing
{
    private const int FirstCapacity = 4;

    // Objects, array slots and dictionary entries around the bytes.
    private const int CostPerPublication = 160;
    private const int CostPerTag = 100;

    private StoredPublication?[] _slots = [];
    private int _start;

    public int Count { get; private set; }

    /// <summary>Bytes that the publications hold, roughly.</summary>
    public long Cost { get; private set; }

    public StoredPublication? Newest => Count == 0 ? null : this[Count - 1];

    /// <param name="index">0 for the oldest.</param>
    public StoredPublication this[int index] => _slots[(_start + index) % _slots.Length]!;

    public void Add(StoredPublication publication, int size)
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
        Cost += CostOf(publication.Publication);
    }

    public void Clear()
    {
        _slots = [];
        _start = Count = 0;
        Cost = 0;
    }

    /// <summary>Publications by index, in a new array.</summary>
    public StoredPublication[] Copy(int first, int count, bool reverse)
    {
        var copy = new StoredPublication[count];
        for (var i = 0; i < count; i++)
        {
            copy[reverse ? count - 1 - i : i] = this[first + i];
        }

        return copy;
    }

    private static long CostOf(in Publication publication) =>
        CostPerPublication + publication.Data.Length
        + (publication.Publisher is { } publisher ? publisher.ConnectionInfo.Length + publisher.ChannelInfo.Length : 0)
        + (publication.Tags?.Sum(tag => CostPerTag + (2L * (tag.Key.Length + tag.Value.Length))) ?? 0);

    private void DropOldest()
    {
        Cost -= CostOf(this[0].Publication);
        _slots[_start] = null;
        _start = (_start + 1) % _slots.Length;
        Count--;
    }

    private void Grow(int size)
    {
        var slots = new StoredPublication?[Math.Min(size, Math.Max(FirstCapacity, 2 * Count))];
        Copy(0, Count, reverse: false).CopyTo(slots, 0);
        _slots = slots;
        _start = 0;
    }
}
