using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Maps;

/// <summary>The keys of a map in memory, in their order, and in the order of their expiry.</summary>
/// <remarks>Not thread-safe. A new value of a key that is there changes neither table; a page costs as much as it has entries, and a search.</remarks>
internal sealed class MapState
{
    // The entry, its key, and its places in both tables.
    private const int CostPerEntry = 280;

    private readonly Dictionary<string, MapEntry> _byKey = new(StringComparer.Ordinal);
    private readonly SortedSet<MapEntry> _sorted = new(MapOrder.Instance);

    // The ends of the list that the entries which expire are linked in.
    private MapEntry? _soonest;
    private MapEntry? _latest;

    public int Count => _byKey.Count;

    /// <summary>Bytes that keys and values hold, roughly.</summary>
    public long Cost { get; private set; }

    /// <summary>When the first key expires; <see cref="TimeSpan.MaxValue"/>: none does.</summary>
    public TimeSpan FirstDue => _soonest?.Due ?? TimeSpan.MaxValue;

    /// <summary>A key that has expired by then; null: there is none.</summary>
    public string? FindDue(TimeSpan now) => _soonest is { } entry && entry.Due <= now ? entry.Key : null;

    public MapEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Gives a key a value.</summary>
    /// <param name="entry">The key's; null: it has none.</param>
    /// <param name="rank">See <see cref="MapEntry.Rank"/>.</param>
    /// <returns>The key's entry from now on.</returns>
    public MapEntry Put(MapEntry? entry, MapPublication value, long rank, TimeSpan due)
    {
        if (entry is null || entry.Rank != rank)
        {
            entry = Replace(entry, new(value.Key, rank));
        }
        else
        {
            Cost -= CostOf(entry.Value);
        }

        entry.Value = value;
        Cost += CostOf(value);
        ExpireAt(entry, due);
        return entry;
    }

    public void Remove(MapEntry entry)
    {
        _byKey.Remove(entry.Key);
        _sorted.Remove(entry);
        Unlink(entry);
        Cost -= CostPerEntry + (2L * entry.Key.Length) + CostOf(entry.Value);
    }

    public void Clear()
    {
        _byKey.Clear();
        _byKey.TrimExcess();
        _sorted.Clear();
        _soonest = _latest = null;
        Cost = 0;
    }

    /// <summary>Moves an entry's expiry.</summary>
    /// <param name="due">Usually later than that of all others: then it costs no search.</param>
    public void ExpireAt(MapEntry entry, TimeSpan due)
    {
        Unlink(entry);
        entry.Due = due;
        if (due == TimeSpan.MaxValue)
        {
            return;
        }

        var sooner = _latest;
        while (sooner is not null && sooner.Due > due)
        {
            sooner = sooner.Sooner;
        }

        Link(sooner, entry);
    }

    /// <summary>The values after a place in the order, in a new array.</summary>
    /// <param name="after">Not in the result itself; the start: all.</param>
    /// <param name="next">The place of the last one if there are more, else the start.</param>
    public MapPublication[] Read(MapCursor after, int limit, bool isDescending, out MapCursor next)
    {
        var values = new MapPublication[Math.Min(limit, Count)];
        var count = 0;
        var last = next = default;
        foreach (var entry in Following(after, isDescending))
        {
            if (!after.IsStart && entry.Rank == after.Score && entry.Key == after.Key)
            {
                continue;
            }

            if (count == limit)
            {
                next = last;
                break;
            }

            values[count++] = entry.Value;
            last = new(entry.Key, entry.Rank);
        }

        return count == values.Length ? values : values[..count];
    }

    private static long CostOf(MapPublication value) => Engine.PublicationCost.Of(value.Publication);

    private IEnumerable<MapEntry> Following(MapCursor after, bool isDescending)
    {
        if (Count == 0 || after.IsStart)
        {
            return isDescending ? _sorted.Reverse() : _sorted;
        }

        var place = new MapEntry(after.Key, after.Score);
        return isDescending
            ? MapOrder.Instance.Compare(_sorted.Min, place) > 0 ? [] : _sorted.GetViewBetween(_sorted.Min, place).Reverse()
            : MapOrder.Instance.Compare(place, _sorted.Max) > 0 ? [] : _sorted.GetViewBetween(place, _sorted.Max);
    }

    // Version and what subscribers got stay; the order needs another object, because it must not change within the table.
    private MapEntry Replace(MapEntry? old, MapEntry entry)
    {
        if (old is not null)
        {
            Remove(old);
            (entry.Version, entry.VersionEpoch, entry.IsAnnouncedOtherwise) = (old.Version, old.VersionEpoch, old.IsAnnouncedOtherwise);
        }

        _byKey.Add(entry.Key, entry);
        _sorted.Add(entry);
        Cost += CostPerEntry + (2L * entry.Key.Length);
        return entry;
    }

    private void Link(MapEntry? sooner, MapEntry entry)
    {
        entry.Sooner = sooner;
        entry.Later = sooner is null ? _soonest : sooner.Later;
        if (sooner is null)
        {
            _soonest = entry;
        }
        else
        {
            sooner.Later = entry;
        }

        if (entry.Later is { } later)
        {
            later.Sooner = entry;
        }
        else
        {
            _latest = entry;
        }
    }

    private void Unlink(MapEntry entry)
    {
        if (entry.Due == TimeSpan.MaxValue)
        {
            return;
        }

        if (entry.Sooner is { } sooner)
        {
            sooner.Later = entry.Later;
        }
        else
        {
            _soonest = entry.Later;
        }

        if (entry.Later is { } later)
        {
            later.Sooner = entry.Sooner;
        }
        else
        {
            _latest = entry.Sooner;
        }

        (entry.Sooner, entry.Later, entry.Due) = (null, null, TimeSpan.MaxValue);
    }
}
