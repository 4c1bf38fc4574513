using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Hub;

/// <summary>What is posted for the subscribers of a channel on one reactor, with a reactor that runs and no sockets.</summary>
[Platform("Linux")]
internal sealed class ReactorPartTests
{
    private static readonly ChannelName Channel = TestChannel.Named("public.a");

    private readonly BrokerRig _rig = new();
    private readonly Reactor _reactor;
    private readonly ReactorPart _part;

    public ReactorPartTests()
    {
        _reactor = _rig.Get<ReactorPool>().Start()[0];
        _part = new ReactorPart(_reactor);
    }

    [TearDown]
    public void Dispose() => _rig.Dispose();

    [Test]
    public async Task Everyone_gets_all_pushes_in_the_order_of_the_posts()
    {
        var subscribers = Enumerable.Range(0, 50).Select(_ => Add(new BatchSubscriber(_reactor))).ToArray();

        for (uint number = 1; number <= 500; number++)
        {
            _part.Post(Push(number));
        }

        await ReactorIsDoneAsync();
        Assert.That(subscribers.Select(subscriber => subscriber.Received), Has.All.EqualTo(Enumerable.Range(1, 500)));
    }

    [Test]
    public async Task Pushes_of_before_a_subscriber_joined_are_not_its_own()
    {
        // The reactor is kept busy, so that the pushes and the newcomer meet in one batch.
        using var go = new ManualResetEventSlim();
        _reactor.Post(go.Wait);
        _part.Post(Push(1));
        _part.Post(Push(2));
        var newcomer = Add(new BatchSubscriber(_reactor), joinedAfter: 2);
        _part.Post(Push(3));
        go.Set();

        await ReactorIsDoneAsync();

        Assert.That(newcomer.Received, Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task A_subscriber_without_room_is_disconnected_as_slow_and_the_others_get_everything()
    {
        var (slow, other) = (Add(new BatchSubscriber(_reactor) { IsFull = true }), Add(new BatchSubscriber(_reactor)));

        _part.Post(Push(1));
        await ReactorIsDoneAsync();

        Assert.That((slow.DisconnectedWith, other.DisconnectedWith), Is.EqualTo((DisconnectCode.Slow, (DisconnectCode?)null)));
        Assert.That(other.Received, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_bug_in_one_delivery_ends_that_connection_and_no_other()
    {
        var (broken, other) = (Add(new BatchSubscriber(_reactor) { Throws = true }), Add(new BatchSubscriber(_reactor)));

        _part.Post(Push(1));
        await ReactorIsDoneAsync();

        Assert.That((broken.DisconnectedWith, other.DisconnectedWith), Is.EqualTo((DisconnectCode.InternalServerError, (DisconnectCode?)null)));
        Assert.That(other.Received, Is.EqualTo(new[] { 1 }));
        Assert.That(_reactor.Faults, Is.EqualTo(1));
    }

    [TestCase(1)]
    [TestCase(500)]
    public async Task A_flush_costs_no_memory_however_many_listen(int subscribers)
    {
        for (var i = 0; i < subscribers; i++)
        {
            Add(new BatchSubscriber(_reactor) { KeepsNothing = true });
        }

        var push = Push(1);
        var perCall = double.NaN;
        _reactor.Post(() => perCall = Allocations.PerCall(() =>
        {
            _part.Add(push);
            _part.Flush();
        }));
        await ReactorIsDoneAsync();

        // A channel where nothing is published keeps no list, so each flush makes one.
        Assert.That(perCall, Is.LessThanOrEqualTo(100));
    }

    private BatchSubscriber Add(BatchSubscriber subscriber, uint joinedAfter = 0)
    {
        _part.Subscribers.Add(new Subscription(subscriber, Channel) { State = SubscriptionState.Active, JoinedAfter = joinedAfter });
        return subscriber;
    }

    private static ChannelPush Push(uint number) => new(Channel, TestPush.Publication($"{number}")) { Number = number };

    private async Task ReactorIsDoneAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reactor.Post(done.SetResult);
        await done.Task.WaitAsync(RunningBroker.Patience);
    }

    // Takes batches as the queue of a connection does.
    private sealed class BatchSubscriber(Reactor reactor) : ISubscriber
    {
        public List<int> Received { get; } = [];

        public bool IsFull { get; init; }

        public bool Throws { get; init; }

        public bool KeepsNothing { get; init; }

        public DisconnectCode? DisconnectedWith { get; private set; }

        public Principal Principal => Principal.Anonymous;

        public Wire Wire => Wire.WebSocketJson;

        public Reactor? Reactor => reactor;

        public bool TryEnqueue(Subscription subscription, ChannelPush push) => throw new NotSupportedException();

        public bool TryEnqueue(Subscription subscription, PushBatch batch)
        {
            if (Throws)
            {
                throw new InvalidOperationException("a bug");
            }

            if (subscription.TakesAll(batch) && batch.FramesFor(subscription.Wire) is not null)
            {
                Take(batch.Pushes);
            }
            else
            {
                Take([.. batch.Pushes.Where(subscription.HasJoinedBefore)]);
            }

            return !IsFull;
        }

        public void Interrupt(Subscription subscription, StreamPosition? top) => throw new NotSupportedException();

        public void EndSubscription(Subscription subscription, UnsubscribeCode code) => throw new NotSupportedException();

        public void Disconnect(DisconnectCode code) => DisconnectedWith ??= code;

        private void Take(IReadOnlyList<ChannelPush> pushes)
        {
            for (var i = 0; i < pushes.Count && !KeepsNothing; i++)
            {
                Received.Add((int)pushes[i].Number);
            }
        }
    }
}
