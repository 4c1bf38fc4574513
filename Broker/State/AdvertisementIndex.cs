using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.State;

/// <summary>All advertisements in memory, by channel, by owner and by age.</summary>
/// <remarks>
/// Thread-safe. Changes take a gate; readers take none: they see a snapshot of the sets, however long they read.
/// A search looks at every text of that moment: 10,000 advertisements take about three milliseconds (docs/explanation/performance.md), and texts that
/// were written to be expensive a hundred times that. So it goes in turns, in a <see cref="SlowLane"/>: searches never take all cores.
/// </remarks>
internal sealed class AdvertisementIndex
{
    // Looking at the clock costs a tenth of looking at a short text.
    private const int TextsPerLookAtClock = 8;

    private static readonly TimeSpan MaxTurn = TimeSpan.FromMicroseconds(500);

    private static readonly ImmutableSortedSet<Advertisement> None = ImmutableSortedSet.Create<Advertisement>(new NewestFirst());

    private readonly ConcurrentDictionary<ChannelName, Advertisement> _byChannel = new();
    private readonly SlowLane _searches = new();
    private readonly Lock _gate = new();
    private ImmutableSortedSet<Advertisement> _all = None;
    private ImmutableDictionary<string, ImmutableSortedSet<Advertisement>> _byOwner =
        ImmutableDictionary.Create<string, ImmutableSortedSet<Advertisement>>(StringComparer.Ordinal);

    /// <summary>Hot path: called for each publish to a channel with an owner. Allocates nothing.</summary>
    public Advertisement? Get(ChannelName channel) => _byChannel.GetValueOrDefault(channel);

    /// <summary>A snapshot, newest first.</summary>
    public IReadOnlyCollection<Advertisement> All => Volatile.Read(ref _all);

    public void Set(Advertisement advertisement)
    {
        lock (_gate)
        {
            RemoveUnsynchronized(advertisement.Channel);
            _byChannel[advertisement.Channel] = advertisement;
            Volatile.Write(ref _all, _all.Add(advertisement));
            var owner = advertisement.Channel.OwnerKey;
            Volatile.Write(ref _byOwner, _byOwner.SetItem(owner, OfOwner(owner).Add(advertisement)));
        }
    }

    public void Remove(ChannelName channel)
    {
        lock (_gate)
        {
            RemoveUnsynchronized(channel);
        }
    }

    /// <returns>Complete when there is nothing to search for, or not much to search in.</returns>
    public ValueTask<AdvertisementPage> FindAsync(in AdvertisementQuery query)
    {
        var advertisements = query.OwnerKey is { } owner ? OfOwner(owner) : Volatile.Read(ref _all);
        return query.Text is { } text ? SearchAsync(advertisements, text, query) : new(Page(advertisements, query));
    }

    private ImmutableSortedSet<Advertisement> OfOwner(string ownerKey) => Volatile.Read(ref _byOwner).GetValueOrDefault(ownerKey, None);

    private static AdvertisementPage Page(ImmutableSortedSet<Advertisement> advertisements, in AdvertisementQuery query)
    {
        var first = Math.Min(query.Offset, advertisements.Count);
        var items = new Advertisement[Math.Min(query.Limit, advertisements.Count - first)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = advertisements[first + i];
        }

        return new(items, advertisements.Count);
    }

    private async ValueTask<AdvertisementPage> SearchAsync(ImmutableSortedSet<Advertisement> advertisements, string text, AdvertisementQuery query)
    {
        var items = new List<Advertisement>();
        var (total, seen, start) = (0, 0, Stopwatch.GetTimestamp());
        foreach (var advertisement in advertisements)
        {
            if (++seen % TextsPerLookAtClock == 0 && Stopwatch.GetElapsedTime(start) > MaxTurn)
            {
                await _searches.NextTurn();
                start = Stopwatch.GetTimestamp();
            }

            if (!Mentions(advertisement, text))
            {
                continue;
            }

            if (total++ >= query.Offset && items.Count < query.Limit)
            {
                items.Add(advertisement);
            }
        }

        return new(items, total);
    }

    private static bool Mentions(Advertisement advertisement, string text) =>
        advertisement.Channel.Value.Contains(text, StringComparison.OrdinalIgnoreCase)
        || advertisement.Description?.Contains(text, StringComparison.OrdinalIgnoreCase) is true;

    private void RemoveUnsynchronized(ChannelName channel)
    {
        if (!_byChannel.TryRemove(channel, out var old))
        {
            return;
        }

        Volatile.Write(ref _all, _all.Remove(old));
        var owner = channel.OwnerKey;
        var rest = OfOwner(owner).Remove(old);
        Volatile.Write(ref _byOwner, rest.IsEmpty ? _byOwner.Remove(owner) : _byOwner.SetItem(owner, rest));
    }

    private sealed class NewestFirst : IComparer<Advertisement>
    {
        public int Compare(Advertisement? x, Advertisement? y) =>
            x!.UpdatedAt != y!.UpdatedAt
                ? y.UpdatedAt.CompareTo(x.UpdatedAt)
                : string.CompareOrdinal(x.Channel.Value, y.Channel.Value);
    }
}
