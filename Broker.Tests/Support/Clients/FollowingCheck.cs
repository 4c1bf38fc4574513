namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Compares the publications that one client received with the acknowledged ones. Pure.</summary>
internal static class FollowingCheck
{
    /// <summary>A channel with history: everything, once, in the order that the acknowledgements say, and no gap.</summary>
    /// <param name="heard">From before the first publication to after the last one.</param>
    /// <param name="acknowledged">All of the channel, from the subscription until the last publication received.</param>
    /// <param name="mayLoseHistory">Redis has lost its data: then each epoch by itself, as far as the client was subscribed.</param>
    /// <returns>The faults.</returns>
    public static IEnumerable<string> OfKept(IReadOnlyList<Heard> heard, IEnumerable<Acknowledgement> acknowledged, bool mayLoseHistory = false)
    {
        var publications = heard.Where(one => !one.IsGap).ToList();
        var byPlace = publications.ToDictionary(one => (one.Epoch, one.Offset), one => one.Text);
        if (!mayLoseHistory)
        {
            foreach (var fault in Twice(heard).Concat(heard.Where(one => one.IsGap).Select(_ => "it did not recover")))
            {
                yield return fault;
            }
        }

        var firsts = publications.GroupBy(one => one.Epoch).ToDictionary(epoch => epoch.Key, epoch => epoch.Min(one => one.Offset));
        foreach (var one in acknowledged)
        {
            var text = byPlace.GetValueOrDefault((one.Epoch, one.Offset));
            var wasThere = !mayLoseHistory || (firsts.TryGetValue(one.Epoch, out var first) && one.Offset >= first);
            if (wasThere && text != one.Text)
            {
                yield return $"{one} was acknowledged, and {text ?? "nothing"} came";
            }
        }
    }

    /// <summary>A channel without history: nothing twice, and no acknowledged publication is missing unless a gap was reported.</summary>
    /// <param name="heard">From before the first publication to after the last one.</param>
    /// <param name="publishers">All of the channel.</param>
    /// <returns>The faults.</returns>
    public static IEnumerable<string> OfPassing(IReadOnlyList<Heard> heard, IEnumerable<SteadyPublisher> publishers) =>
        Twice(heard).Concat(publishers.SelectMany(publisher => OfPassing(heard, publisher)));

    private static IEnumerable<string> Twice(IEnumerable<Heard> heard) =>
        from count in heard.Where(one => !one.IsGap).CountBy(one => one.Text!)
        where count.Value > 1
        select $"{count.Key} came {count.Value} times";

    // Walks both: acknowledged publications must arrive in their order. Missing ones are excused by a gap that is reported later: publications that
    // follow the missing ones may arrive before that report.
    private static IEnumerable<string> OfPassing(IReadOnlyList<Heard> heard, SteadyPublisher publisher)
    {
        var acknowledged = publisher.Acknowledged.Select(one => publisher.NumberOf(one.Text)!.Value).ToList();
        var (next, excusedUpTo) = (0, heard.Index().LastOrDefault(one => one.Item.IsGap, (-1, default)).Index);
        var previous = -1;
        foreach (var (index, one) in heard.Index())
        {
            // A refused publication may still arrive, and late.
            var place = !one.IsGap && publisher.NumberOf(one.Text!) is { } number ? acknowledged.BinarySearch(number) : -1;
            if (place < 0)
            {
                continue;
            }

            if (place < next)
            {
                yield return $"{one.Text} came after a later one";
            }
            else if (place > next && excusedUpTo < previous)
            {
                yield return $"{acknowledged[next]} to {acknowledged[place - 1]} are missing before {one.Text}, and no gap was reported";
            }

            (next, previous) = (Math.Max(next, place + 1), index);
        }

        if (next < acknowledged.Count && excusedUpTo < previous)
        {
            yield return $"{acknowledged[next]} and later ones are missing at the end, and no gap was reported";
        }
    }
}
