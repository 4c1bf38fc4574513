using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Telemetry.Traffic;

/// <summary>The channels with the largest sums, in bounded memory, whatever number of channels there is.</summary>
/// <remarks>
/// DESIGN. Space-Saving (Metwally, Agrawal and El Abbadi, 2005) with weights: a channel that is new to a full table takes the place of the one with the
/// smallest sum, and inherits that sum, which is its possible error. So the true sum of a listed channel lies between its count less its error
/// and its count; that of any other is at most <see cref="Floor"/>; and the floor is at most the sum of all weights by the capacity.
/// The smallest is at the root of a heap whose entries do not move in memory: the heap holds their places.
/// <para>Not thread-safe. Hot path: allocates nothing after construction; for a listed channel a look-up and mostly no move.</para>
/// </remarks>
internal sealed class HeavyHitters(int capacity)
{
    private readonly Dictionary<ChannelName, int> _slots = new(capacity);
    private readonly Entry[] _entries = new Entry[capacity];

    // Slots by their sums; the smallest is first.
    private readonly int[] _heap = new int[capacity];

    /// <summary>The most that a channel which is not listed can have.</summary>
    public long Floor => _slots.Count < capacity ? 0 : _entries[_heap[0]].Count;

    /// <summary>Adds to a channel's sum.</summary>
    /// <param name="weight">From 1; anything less changes nothing.</param>
    public void Add(ChannelName channel, long weight)
    {
        if (weight <= 0)
        {
            return;
        }

        if (_slots.TryGetValue(channel, out var slot))
        {
            _entries[slot].Count += weight;
            SiftDown(_entries[slot].Place);
        }
        else if (_slots.Count < capacity)
        {
            slot = _slots.Count;
            _slots.Add(channel, slot);
            _entries[slot] = new() { Channel = channel, Count = weight };
            SiftUp(slot);
        }
        else
        {
            Replace(_heap[0], channel, weight);
        }
    }

    /// <summary>The listed channels, in no order.</summary>
    public void CopyTo(ICollection<TrafficEntry> list)
    {
        for (var slot = 0; slot < _slots.Count; slot++)
        {
            ref readonly var entry = ref _entries[slot];
            list.Add(new(entry.Channel.Value, entry.Count, entry.Error));
        }
    }

    public void Clear()
    {
        Array.Clear(_entries, 0, _slots.Count);
        _slots.Clear();
    }

    private void Replace(int slot, ChannelName channel, long weight)
    {
        ref var entry = ref _entries[slot];
        _slots.Remove(entry.Channel);
        _slots.Add(channel, slot);
        entry = entry with { Channel = channel, Error = entry.Count, Count = entry.Count + weight };
        SiftDown(entry.Place);
    }

    // A new slot is at the end of the heap.
    private void SiftUp(int slot)
    {
        var (place, count) = (slot, _entries[slot].Count);
        while (place > 0 && _entries[_heap[(place - 1) / 2]].Count > count)
        {
            Put(_heap[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }

        Put(slot, place);
    }

    private void SiftDown(int place)
    {
        var slot = _heap[place];
        var count = _entries[slot].Count;
        for (var child = SmallerChildOf(place); child >= 0 && _entries[_heap[child]].Count < count; child = SmallerChildOf(place))
        {
            Put(_heap[child], place);
            place = child;
        }

        Put(slot, place);
    }

    // Below 0: it has none.
    private int SmallerChildOf(int place)
    {
        var (left, right) = ((2 * place) + 1, (2 * place) + 2);
        return left >= _slots.Count ? -1
            : right < _slots.Count && _entries[_heap[right]].Count < _entries[_heap[left]].Count ? right
            : left;
    }

    private void Put(int slot, int place)
    {
        _heap[place] = slot;
        _entries[slot].Place = place;
    }

    private record struct Entry(ChannelName Channel, long Count, long Error, int Place);
}
