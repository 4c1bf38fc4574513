using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Telemetry.Traffic;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Telemetry.Traffic;

/// <summary>The sketch against exact sums: its bounds hold for every stream, alone and merged.</summary>
internal sealed class HeavyHittersTests
{
    private const int Capacity = 100;

    private static readonly ChannelName[] Channels =
        [.. Enumerable.Range(0, 5_000).Select(number => TestChannel.Named(string.Create(CultureInfo.InvariantCulture, $"public.{number}")))];

    // A skew of 1 is the usual one of traffic; 0 is the worst case: all channels alike.
    [Test]
    public void The_truth_lies_within_the_bounds_and_the_large_are_listed([Values(0, 0.8, 1, 1.5)] double skew, [Values(1, 2)] int seed, [Values(1, 7)] int parts)
    {
        var random = new Random(seed);
        var (truth, sketches) = (new Dictionary<string, long>(), Enumerable.Range(0, parts).Select(_ => new HeavyHitters(Capacity)).ToArray());
        foreach (var (channel, weight) in Stream(random, skew, 200_000))
        {
            truth[channel.Value] = truth.GetValueOrDefault(channel.Value) + weight;
            sketches[random.Next(parts)].Add(channel, weight);
        }

        var merged = TrafficSummary.Merge([.. sketches.Select(Summarize)], Capacity);

        CheckBounds(merged, truth);
        Assert.That(merged.Entries, Has.Count.EqualTo(Capacity));
        Assert.That(merged.Entries.Select(entry => entry.Count), Is.Ordered.Descending);
        Assert.That(sketches.Sum(sketch => sketch.Floor), Is.LessThanOrEqualTo(truth.Values.Sum() / Capacity), "The floor is at most the total by the capacity.");
        var listed = merged.Entries.Select(entry => entry.Channel).ToHashSet();
        Assert.That(truth.Where(sum => sum.Value > merged.Floor).Select(sum => sum.Key), Is.SubsetOf(listed));
        Assert.That(skew < 1.5 || merged.Entries.Take(10).Select(entry => entry.Channel).SequenceEqual(Largest(truth, 10)), "The first ten of a skewed stream are right.");
    }

    [Test]
    public void Sums_are_exact_while_there_is_room_and_again_after_a_clear()
    {
        var sketch = new HeavyHitters(3);
        foreach (var round in new[] { 1, 2 })
        {
            sketch.Add(Channels[0], 5);
            sketch.Add(Channels[1], 2 * round);
            sketch.Add(Channels[2], 0);
            sketch.Add(Channels[0], 1);

            var summary = Summarize(sketch);
            sketch.Clear();

            Assert.That(summary.Entries, Is.EquivalentTo(new TrafficEntry[] { new("public.0", 6, 0), new("public.1", 2 * round, 0) }));
            Assert.That(summary.Floor, Is.Zero);
        }
    }

    [Test]
    public void A_new_channel_inherits_the_smallest_sum_as_its_error()
    {
        var sketch = new HeavyHitters(2);
        sketch.Add(Channels[0], 10);
        sketch.Add(Channels[1], 4);

        sketch.Add(Channels[2], 3);

        Assert.That(Summarize(sketch).Entries, Is.EquivalentTo(new TrafficEntry[] { new("public.0", 10, 0), new("public.2", 7, 4) }));
        Assert.That(sketch.Floor, Is.EqualTo(7));
    }

    [Test]
    public void What_a_merge_leaves_out_is_below_its_floor()
    {
        var merged = TrafficSummary.Merge([new([new("a", 5, 0), new("b", 4, 1), new("c", 3, 0)], 2, 10), new([new("b", 9, 0)], 1, 12)], limit: 2);

        Assert.That(merged.Entries, Is.EqualTo(new TrafficEntry[] { new("b", 13, 1), new("a", 6, 1) }));
        Assert.That((merged.Floor, merged.Seconds), Is.EqualTo((4, 12)));
    }

    internal static void CheckBounds(TrafficSummary summary, IReadOnlyDictionary<string, long> truth)
    {
        Assert.That(summary.Entries.Where(entry => truth.GetValueOrDefault(entry.Channel) is var sum && (sum > entry.Count || sum < entry.Count - entry.Error)), Is.Empty);
        var listed = summary.Entries.Select(entry => entry.Channel).ToHashSet();
        Assert.That(truth.Where(sum => !listed.Contains(sum.Key) && sum.Value > summary.Floor), Is.Empty);
    }

    private static TrafficSummary Summarize(HeavyHitters sketch)
    {
        var entries = new List<TrafficEntry>();
        sketch.CopyTo(entries);
        return new(entries, sketch.Floor, 0);
    }

    private static IEnumerable<string> Largest(Dictionary<string, long> truth, int count) => truth.OrderByDescending(sum => sum.Value).Take(count).Select(sum => sum.Key);

    private static IEnumerable<(ChannelName Channel, long Weight)> Stream(Random random, double skew, int length)
    {
        var ends = new double[Channels.Length];
        for (var rank = 0; rank < ends.Length; rank++)
        {
            ends[rank] = (rank == 0 ? 0 : ends[rank - 1]) + Math.Pow(rank + 1, -skew);
        }

        for (var i = 0; i < length; i++)
        {
            var place = Array.BinarySearch(ends, random.NextDouble() * ends[^1]);
            yield return (Channels[place < 0 ? ~place : place], random.Next(1, 4));
        }
    }
}
