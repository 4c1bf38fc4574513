using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Revocations;

internal sealed class SubscriptionSweeperTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryStateStore _store = new(TimeProvider.System);
    private readonly ChannelName _channel = TestChannel.Named("agent.owner.t");

    [Test]
    public async Task Only_subscribers_that_lost_the_right_are_removed_and_only_from_that_channel()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        string[] names = ["", "owner", "friend", "bob", "app:shop"];
        var subscribers = names.ToDictionary(name => name, name => new CountingSubscriber { Principal = Principal.Of(name) });
        var subscriptions = subscribers.ToDictionary(entry => entry.Key, entry => entry.Value.SubscribeTo(_channel));
        foreach (var name in names)
        {
            hub.Add(subscriptions[name]);
            hub.Add(subscribers[name].SubscribeTo(TestChannel.Named("agent.owner.t2")));
        }

        await _store.LockAsync(_channel);
        await _store.GrantAsync(_channel, "friend");
        using var sweeper = SweeperOf(hub, _store);
        await sweeper.SweepAsync(_channel);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(names.Where(name => subscribers[name].Ended.Count > 0), Is.EquivalentTo(new[] { "", "bob", "app:shop" }));
            Assert.That(subscribers["bob"].Ended, Is.EqualTo(new Dictionary<Subscription, UnsubscribeCode>
            {
                [subscriptions["bob"]] = UnsubscribeCode.PermissionDenied,
            }));
            Assert.That(subscribers.Values.All(subscriber => subscriber.Disconnects == 0), Is.True);
        }
    }

    [Test]
    public async Task No_subscriber_is_removed_from_an_open_channel()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var subscriber = new CountingSubscriber();
        hub.Add(subscriber.SubscribeTo(_channel));
        await _store.LockAsync(_channel);
        await _store.UnlockAsync(_channel);

        using var sweeper = SweeperOf(hub, _store);
        await sweeper.SweepAsync(_channel);

        Assert.That(subscriber.Ended, Is.Empty);
    }

    [Test]
    public async Task The_permission_of_a_principal_with_many_subscriptions_is_checked_once()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var store = new PausingStateStore();
        using var sweeper = SweeperOf(hub, store);
        var subscribers = Enumerable.Range(0, 500).Select(i => new CountingSubscriber { Principal = Principal.Of(i % 2 == 0 ? "" : "bob") }).ToArray();
        foreach (var subscriber in subscribers)
        {
            hub.Add(subscriber.SubscribeTo(_channel));
        }

        var sweep = sweeper.SweepAsync(_channel);
        store.Answer(ChannelAccess.Locked);
        await sweep;

        Assert.That(store.Questions, Is.EqualTo(2));
        Assert.That(subscribers.Select(subscriber => subscriber.Ended.Count), Is.All.EqualTo(1));
    }

    [Test]
    public async Task A_sweep_after_a_possible_change_is_retried_until_the_store_answers()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var store = new PausingStateStore();
        using var sweeper = SweeperOf(hub, store);
        var subscriber = new CountingSubscriber();
        hub.Add(subscriber.SubscribeTo(_channel));

        var sweep = sweeper.SweepAllAsync();
        for (var asked = 1; asked <= 3; asked++)
        {
            await AwaitQuestionsAsync(store, asked);
            store.Fail(new StoreUnavailableException("away"));
            await Eventually.IsTrueAsync(() => MoveOn(store, asked));
        }

        store.Answer(ChannelAccess.Locked);
        await sweep;

        Assert.That(subscriber.Ended, Has.Count.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Subscribers_that_cannot_be_checked_after_a_change_are_ended_with_a_code_on_which_they_come_back(bool isRefused)
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var store = new PausingStateStore();
        using var sweeper = SweeperOf(hub, store);
        var (bob, owner) = (new CountingSubscriber { Principal = Principal.Of("bob") }, new CountingSubscriber { Principal = Principal.Of("owner") });
        var listening = bob.SubscribeTo(_channel);
        hub.Add(listening);
        hub.Add(bob.SubscribeTo(TestChannel.Named("agent.owner.t2")));
        hub.Add(owner.SubscribeTo(_channel));

        var sweep = sweeper.SweepSoonAsync(_channel);
        await AwaitQuestionsAsync(store, 1);
        if (isRefused)
        {
            store.Fail(new StoreUnavailableException("away"));
        }

        var before = bob.Ended.Count;
        await Eventually.IsTrueAsync(() => IsGivenUp(sweep));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.Zero);
            Assert.That(bob.Ended, Is.EqualTo(new Dictionary<Subscription, UnsubscribeCode> { [listening] = UnsubscribeCode.InsufficientState }));
            Assert.That(owner.Ended, Is.Empty);
        }
    }

    [Test]
    public async Task A_change_after_one_that_was_given_up_is_checked_again()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var store = new PausingStateStore();
        using var sweeper = SweeperOf(hub, store);
        var bob = new CountingSubscriber { Principal = Principal.Of("bob") };
        hub.Add(bob.SubscribeTo(_channel));
        var first = sweeper.SweepSoonAsync(_channel);
        await AwaitQuestionsAsync(store, 1);
        await Eventually.IsTrueAsync(() => IsGivenUp(first));
        store.Fail(new StoreUnavailableException("away"));

        var second = sweeper.SweepSoonAsync(_channel);
        await AwaitQuestionsAsync(store, 2);
        store.Answer(ChannelAccess.Open);
        await second;

        Assert.That(bob.Ended, Has.Count.EqualTo(1), "by the first change");
    }

    [Test]
    public async Task Many_changes_during_a_sweep_cause_one_more_sweep()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var store = new PausingStateStore();
        using var sweeper = SweeperOf(hub, store);
        hub.Add(new CountingSubscriber().SubscribeTo(_channel));

        var first = sweeper.SweepSoonAsync(_channel);
        await AwaitQuestionsAsync(store, 1);
        var others = Enumerable.Range(0, 1_000).Select(_ => sweeper.SweepSoonAsync(_channel)).ToArray();
        await AwaitQuestionsAsync(store, 2);
        var all = Task.WhenAll([first, .. others]);
        await Eventually.IsTrueAsync(() => HasAnswered(store, all));

        Assert.That(store.Questions, Is.InRange(2, 10), "those that came while a sweep had yet to ask are in it");
    }

    [Test]
    public async Task All_channels_that_could_be_locked_are_swept()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        using var sweeper = SweeperOf(hub, _store);
        var subscribers = new Dictionary<string, CountingSubscriber>();
        foreach (var name in new[] { "agent.owner.t", "agent.owner.open", "app.shop.t", "public.t", "system.timer.second" })
        {
            subscribers[name] = new CountingSubscriber();
            hub.Add(subscribers[name].SubscribeTo(TestChannel.Named(name)));
        }

        await _store.LockAsync(_channel);
        await _store.LockAsync(TestChannel.Named("app.shop.t"));
        await sweeper.SweepAllAsync();

        Assert.That(subscribers.Where(pair => pair.Value.Ended.Count > 0).Select(pair => pair.Key), Is.EquivalentTo(new[] { "agent.owner.t", "app.shop.t" }));
    }

    [Test]
    public async Task A_sweep_without_an_answer_ends_with_the_broker()
    {
        using var metrics = new BrokerMetrics();
        var hub = new ChannelHub(metrics);
        var store = new PausingStateStore();
        var sweeper = SweeperOf(hub, store);
        hub.Add(new CountingSubscriber().SubscribeTo(_channel));

        var sweep = sweeper.SweepSoonAsync(_channel);
        await AwaitQuestionsAsync(store, 1);
        store.Fail(new StoreUnavailableException("away"));
        sweeper.Dispose();

        Assert.That(async () => await sweep.WaitAsync(RunningBroker.Patience), Throws.Nothing);
    }

    private SubscriptionSweeper SweeperOf(ChannelHub hub, IStateStore store) =>
        new(hub, new ChannelPermissions(store), new ChannelResolver(new ChannelNames(ChannelNames.MaxBytes), ChannelNamespaces.Default), _time, NullLogger<SubscriptionSweeper>.Instance);

    private static Task<TimeSpan> AwaitQuestionsAsync(PausingStateStore store, int count) => Eventually.IsTrueAsync(() => store.Questions >= count);

    private static bool HasAnswered(PausingStateStore store, Task all)
    {
        store.Answer(ChannelAccess.Open);
        return all.IsCompleted;
    }

    private bool IsGivenUp(Task sweep)
    {
        _time.Advance(CheckPolicy.KnownChange.Limit);
        return sweep.IsCompleted;
    }

    private bool MoveOn(PausingStateStore store, int asked)
    {
        _time.Advance(CheckPolicy.MissedChange.RetryDelay);
        return store.Questions > asked;
    }
}
