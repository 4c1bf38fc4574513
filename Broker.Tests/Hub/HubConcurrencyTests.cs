using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>Publishers, joiners and leavers at the same time.</summary>
internal sealed class HubConcurrencyTests
{
    private const int Publishers = 4;
    private const int FramesEach = 5_000;

    // A header of two bytes, then {"push":{"channel":"public.a","pub":{"data":N}}}
    private const int FrameStart = 2 + 44;

    private readonly HubShard _shard = new();
    private readonly ChannelName _channel = TestChannel.Named("public.a");

    [Test]
    public void All_subscribers_see_the_publications_of_all_publishers_in_one_order()
    {
        var subscribers = Enumerable.Range(0, 5).Select(_ => new CountingSubscriber { KeepsFrames = true }).ToArray();
        foreach (var subscriber in subscribers)
        {
            _shard.Add(subscriber.SubscribeTo(_channel));
        }

        PublishFromAllThreads();

        var orders = subscribers.Select(NumbersOf).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(orders, Is.All.EqualTo(orders[0]));
            Assert.That(orders[0], Has.Length.EqualTo(Publishers * FramesEach));
            Assert.That(KeepsTheOrderOfEachPublisher(orders[0]), Is.True);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public void Joining_and_leaving_subscribers_see_the_same_order_and_nothing_after_they_left(CancellationToken cancellation)
    {
        var witness = new CountingSubscriber { KeepsFrames = true };
        _shard.Add(witness.SubscribeTo(_channel));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var joined = new CountdownEvent(3);
        var comers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => ComeAndGo(joined, done.Token), CancellationToken.None)).ToArray();
        joined.Wait(cancellation);

        PublishFromAllThreads();
        done.Cancel();
        var seen = comers.SelectMany(comer => comer.GetAwaiter().GetResult()).ToArray();

        var place = NumbersOf(witness).Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(place, Has.Count.EqualTo(Publishers * FramesEach));
            Assert.That(seen.All(numbers => IsAscending(numbers.Select(number => place[number]))), Is.True);
            Assert.That(seen.Count(numbers => numbers.Length > 0), Is.Positive, "stays while it was published");
            Assert.That(_shard.SubscriptionCount, Is.EqualTo(1));
        }
    }

    // Each stay is a subscriber of its own, so what it saw is one unbroken stay.
    private List<long[]> ComeAndGo(CountdownEvent joined, CancellationToken until)
    {
        var seen = new List<long[]>();
        while (!until.IsCancellationRequested)
        {
            var subscriber = new CountingSubscriber { KeepsFrames = true };
            var subscriptions = Enumerable.Range(0, 8).Select(_ => subscriber.SubscribeTo(_channel)).ToArray();
            _shard.Add(subscriptions[0]);
            if (seen.Count == 0)
            {
                joined.Signal();
            }

            SpinWait.SpinUntil(() => subscriber.Received > 2 || until.IsCancellationRequested);
            subscriber.End(subscriptions[0]);
            _shard.Remove(subscriptions[0]);
            seen.Add(NumbersOf(subscriber));

            // Some who only pass through make the table grow and shrink.
            foreach (var passing in subscriptions[1..])
            {
                subscriber.End(passing);
                _shard.Add(passing);
            }

            foreach (var passing in subscriptions[1..])
            {
                _shard.Remove(passing);
            }

            Assert.That(subscriber.Received, Is.EqualTo(seen[^1].Length), "nothing is taken after having left");
        }

        return seen;
    }

    private void PublishFromAllThreads()
    {
        using var start = new Barrier(Publishers);
        var threads = Enumerable.Range(0, Publishers).Select(publisher => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < FramesEach; i++)
            {
                _shard.Publish(_channel, $"{((long)publisher << 32) | (long)i}");
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }

    private static long[] NumbersOf(CountingSubscriber subscriber) =>
        [.. subscriber.Frames.Select(frame => long.Parse(frame.AsSpan()[FrameStart..^3], CultureInfo.InvariantCulture))];

    private static bool KeepsTheOrderOfEachPublisher(long[] numbers) =>
        numbers.GroupBy(number => number >> 32).All(ofPublisher => IsAscending(ofPublisher.Select(number => (int)number)));

    private static bool IsAscending(IEnumerable<int> numbers)
    {
        var last = -1;
        foreach (var number in numbers)
        {
            if (number <= last)
            {
                return false;
            }

            last = number;
        }

        return true;
    }
}
