namespace ClawEvents.Broker.Transport;

/// <summary>The sockets of one reactor, by the number that epoll reports for them.</summary>
/// <remarks>
/// A number is a slot and its generation. When a socket is closed its slot gets a new generation, so that an event which was fetched before it was closed
/// finds nothing, although another socket may have the slot, and the descriptor, by then. Only the reactor's thread uses it.
/// </remarks>
internal sealed class SlotTable
{
    private const int FirstCapacity = 256;

    private Entry[] _entries = new Entry[FirstCapacity];
    private int _used;
    private int _firstFree = -1;

    /// <summary>Sockets in the table.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a socket.</summary>
    /// <returns>Its number: the generation in the upper half, the slot in the lower.</returns>
    public ulong Add(ReactorSocket socket)
    {
        var slot = _firstFree;
        if (slot >= 0)
        {
            _firstFree = _entries[slot].NextFree;
        }
        else
        {
            slot = _used++;
            if (slot == _entries.Length)
            {
                Array.Resize(ref _entries, slot * 2);
            }
        }

        ref var entry = ref _entries[slot];
        entry.Socket = socket;
        Count++;
        return ((ulong)entry.Generation << 32) | (uint)slot;
    }

    /// <returns>Null when the socket of that number was removed.</returns>
    public ReactorSocket? Find(ulong number)
    {
        ref var entry = ref _entries[(uint)number];
        return entry.Generation == (uint)(number >> 32) ? entry.Socket : null;
    }

    public void Remove(ulong number)
    {
        var slot = (int)(uint)number;
        ref var entry = ref _entries[slot];
        entry.Socket = null;

        // The generations above are those of numbers that are no sockets: listeners and the mailbox.
        entry.Generation = entry.Generation == MaxGeneration ? 0 : entry.Generation + 1;
        entry.NextFree = _firstFree;
        _firstFree = slot;
        Count--;
    }

    /// <summary>All sockets, for the reactor's end.</summary>
    public List<ReactorSocket> All() => [.. _entries.Select(entry => entry.Socket).OfType<ReactorSocket>()];

    /// <summary>No socket has a higher generation.</summary>
    public const uint MaxGeneration = int.MaxValue;

    private struct Entry
    {
        public ReactorSocket? Socket;
        public uint Generation;
        public int NextFree;
    }
}
