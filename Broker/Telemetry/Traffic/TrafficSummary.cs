using System.Runtime.InteropServices;

namespace ClawEvents.Broker.Telemetry.Traffic;

/// <summary>A channel and its sum.</summary>
/// <param name="Count">Never less than the truth.</param>
/// <param name="Error">The most by which it is too large.</param>
internal readonly record struct TrafficEntry(string Channel, long Count, long Error);

/// <summary>The channels with the largest sums.</summary>
/// <param name="Entries">The largest first.</param>
/// <param name="Floor">The most that any other channel can have.</param>
/// <param name="Seconds">The time in which they were counted; 0: they are of now.</param>
internal sealed record TrafficSummary(IReadOnlyList<TrafficEntry> Entries, long Floor, double Seconds)
{
    public static TrafficSummary Empty { get; } = new([], 0, 0);

    /// <summary>Adds up what was counted in several places, each of which may have seen any channel.</summary>
    /// <param name="limit">Channels of the result; the floor grows to the first one left out.</param>
    /// <remarks>A channel that a place does not list may have had up to that place's floor there: that much is added to its count and to its error.</remarks>
    public static TrafficSummary Merge(IReadOnlyCollection<TrafficSummary> parts, int limit)
    {
        var sums = new Dictionary<string, (long Count, long Error, long Covered)>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            foreach (var (channel, count, error) in part.Entries)
            {
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, channel, out _);
                sum = (sum.Count + count, sum.Error + error, sum.Covered + part.Floor);
            }
        }

        var floor = parts.Sum(part => part.Floor);
        var entries = sums
            .Select(sum => new TrafficEntry(sum.Key, sum.Value.Count + floor - sum.Value.Covered, sum.Value.Error + floor - sum.Value.Covered))
            .OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Channel, StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        return new(
            entries.Count > limit ? entries[..limit] : entries,
            entries.Count > limit ? Math.Max(floor, entries[limit].Count) : floor,
            parts.Select(part => part.Seconds).DefaultIfEmpty().Max());
    }
}
