using System.IO.Pipelines;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>Pushes of channels, and the frames that say that a subscription begins or ends.</summary>
internal sealed partial class OutboundQueueSubscriptionTests
{
    private const int MaxWaiting = 60;

    // {"push":{"channel":"public.a","pub":{"data":1}}}, with its header.
    private const int PushBytes = 50;

    private readonly Pipe _pipe = InlinePipe.Create(pauseAt: 10);
    private readonly OutboundQueue _queue;

    public OutboundQueueSubscriptionTests() => _queue = new PipeOutbound(_pipe.Writer, MaxWaiting);

    [TestCase(SubscriptionState.Pending, "")]
    [TestCase(SubscriptionState.Active, "[1]")]
    [TestCase(SubscriptionState.Ended, "")]
    public void Only_an_active_subscription_gets_pushes_and_the_others_are_no_reason_to_disconnect(SubscriptionState state, string sent)
    {
        var step = _queue.Deliver(In(state));

        Assert.That((step, Sent()), Is.EqualTo((sent.Length > 0 ? DeliveryStep.Send : DeliveryStep.Pass, sent)));
    }

    [Test]
    public void A_push_that_waits_is_the_shared_frame_itself()
    {
        Fill();
        _queue.Deliver(In(SubscriptionState.Active), TestPush.Publication("1"), out var frame);

        // Nobody changes a shared frame; here it tells a reference from a copy.
        frame[^4] = (byte)'2';
        Sent();

        Assert.That(Sent(), Is.EqualTo("[2]"));
    }

    [TestCase(SubscriptionState.Active, DeliveryStep.Full)]
    [TestCase(SubscriptionState.Pending, DeliveryStep.Pass)]
    [TestCase(SubscriptionState.Ended, DeliveryStep.Pass)]
    public void A_full_queue_refuses_the_pushes_of_active_subscriptions_only(SubscriptionState state, DeliveryStep step)
    {
        Fill();

        Assert.That(_queue.Deliver(In(state), "12345678901234567890"), Is.EqualTo(step));
    }

    [Test]
    public void A_subscription_becomes_active_with_its_reply_before_any_push()
    {
        var subscription = In(SubscriptionState.Pending);
        _queue.Deliver(subscription, "0");

        var result = _queue.TryMove(subscription, SubscriptionState.Pending, SubscriptionState.Active, "[reply]"u8);
        _queue.Deliver(subscription, "1");

        Assert.That((result, subscription.State, Sent(), Sent()), Is.EqualTo((QueueResult.Queued, SubscriptionState.Active, "[reply][1]", "")));
    }

    [Test]
    public void A_subscription_ends_with_its_reply_and_no_push_after_it()
    {
        var subscription = In(SubscriptionState.Active);
        _queue.Deliver(subscription, "1");

        var result = _queue.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, "[reply]"u8);
        _queue.Deliver(subscription, "2");

        Assert.That((result, Sent() + Sent()), Is.EqualTo((QueueResult.Queued, "[1][reply]")));
    }

    [TestCase(SubscriptionState.Active)]
    [TestCase(SubscriptionState.Ended)]
    public void A_subscription_that_is_not_pending_cannot_become_active(SubscriptionState state)
    {
        var subscription = In(state);

        var result = _queue.TryMove(subscription, SubscriptionState.Pending, SubscriptionState.Active, "[reply]"u8);

        Assert.That((result, subscription.State, Sent()), Is.EqualTo((QueueResult.Refused, state, "")));
    }

    [TestCase(SubscriptionState.Pending)]
    [TestCase(SubscriptionState.Ended)]
    public void A_subscription_that_was_not_active_ends_silently(SubscriptionState state)
    {
        var subscription = In(state);

        var result = _queue.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, "[push]"u8);

        Assert.That((result, subscription.State, Sent()), Is.EqualTo((QueueResult.Refused, SubscriptionState.Ended, "")));
    }

    [Test]
    public void A_change_that_finds_the_queue_full_is_made_all_the_same()
    {
        var subscription = In(SubscriptionState.Active);
        Fill();

        var result = _queue.TryMove(subscription, SubscriptionState.Active, SubscriptionState.Ended, new byte[MaxWaiting + 1]);

        Assert.That((result, subscription.State), Is.EqualTo((QueueResult.Full, SubscriptionState.Ended)));
    }

    [Test]
    public void A_push_costs_no_memory_while_the_far_end_keeps_up()
    {
        var pipe = InlinePipe.Create(pauseAt: 65_536);
        var queue = new PipeOutbound(pipe.Writer, maxWaitingBytes: 1_000);
        var subscription = In(SubscriptionState.Active);
        var publication = TestPush.Publication("1");

        var perCall = Allocations.PerCall(() =>
        {
            // Encoded once, for however many subscribers there are.
            queue.Deliver(subscription, publication, out _);
            pipe.Reader.TryRead(out var read);
            pipe.Reader.AdvanceTo(read.Buffer.End);
        });

        Assert.That(perCall, Is.EqualTo(152 + 24 + 56), "the push and its frame, which all share");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Concurrent_senders_lose_nothing_and_each_keeps_its_order(CancellationToken cancellation)
    {
        const int senders = 4;
        const int framesEach = 5_000;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 256, resumeWriterThreshold: 128));
        var queue = new PipeOutbound(pipe.Writer, maxWaitingBytes: int.MaxValue);

        var sending = Enumerable.Range(0, senders).Select(sender => Task.Run(
            () =>
            {
                for (var i = 0; i < framesEach; i++)
                {
                    queue.TryEnqueue([(byte)sender, (byte)(i >> 8), (byte)i]);
                }
            },
            cancellation)).ToArray();
        var received = new List<byte>();
        while (received.Count < senders * framesEach * 3)
        {
            var read = await pipe.Reader.ReadAsync(cancellation);
            foreach (var segment in read.Buffer)
            {
                received.AddRange(segment.Span);
            }

            pipe.Reader.AdvanceTo(read.Buffer.End);
        }

        await Task.WhenAll(sending);
        var bySender = received.Chunk(3).ToLookup(frame => (int)frame[0], frame => (frame[1] << 8) | frame[2]);
        Assert.That(Enumerable.Range(0, senders).Select(sender => bySender[sender]), Is.All.EqualTo(Enumerable.Range(0, framesEach)));
    }

    [Test]
    public void What_a_subscription_keeps_counts_as_waiting_until_it_ceases_to_keep()
    {
        var (keeping, other) = (Keeping(), Keeping());
        _queue.Deliver(keeping, "1");

        _queue.SetKeeping(keeping, isKeeping: false);
        _queue.Deliver(keeping, "2");
        _queue.Deliver(other, "3");

        Assert.That((keeping.KeptBytes, keeping.HasOverflowed), Is.EqualTo((0, false)));
        Assert.That((other.KeptBytes, other.HasOverflowed), Is.EqualTo((PushBytes, false)));
    }

    [Test]
    public void A_subscription_that_keeps_more_than_may_wait_has_to_begin_again()
    {
        var keeping = Keeping();
        _queue.Deliver(keeping, "1");
        _queue.Deliver(keeping, "2");
        Assert.That((keeping.KeptBytes, keeping.HasOverflowed), Is.EqualTo((0, true)));

        _queue.SetKeeping(keeping, isKeeping: true);
        Assert.That(keeping.HasOverflowed, Is.False);
    }

    [TestCase(true, true)]
    [TestCase(false, false)]
    public void A_possible_gap_is_one_for_a_pending_subscription_that_keeps_without_positions(bool isKeeping, bool hasOverflowed)
    {
        var subscription = Keeping();
        _queue.SetKeeping(subscription, isKeeping);

        Assert.That(_queue.Interrupt(subscription, new(1, "e")), Is.EqualTo(DeliveryStep.Pass));
        Assert.That(subscription.HasOverflowed, Is.EqualTo(hasOverflowed));
    }

    private PositionedSubscription Keeping()
    {
        var subscription = new PositionedSubscription(new CountingSubscriber(), TestChannel.Named("public.a"), SubscriptionTraits.None, tracksPosition: false, takesDeltas: false);
        _queue.SetKeeping(subscription, isKeeping: true);
        return subscription;
    }

    private static Subscription In(SubscriptionState state) =>
        new(new CountingSubscriber(), TestChannel.Named("public.a")) { State = state };

    private void Fill() => _queue.TryEnqueue("0123456789"u8);

    // Pushes by their data.
    private string Sent() => Push().Replace(_pipe.Reader.TakeAll().Text(), "[$1]");

    [GeneratedRegex("..{\"push\":{\"channel\":\"public.a\",\"pub\":{\"data\":([0-9]+)}}}", RegexOptions.Singleline)]
    private static partial Regex Push();
}
