using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>The publications that a connection receives, and when they end.</summary>
internal sealed class ConnectionSubscriptionTests
{
    private const string Subscribe = "{\"id\":2,\"subscribe\":{\"channel\":\"agent.o.t\"}}";
    private const string Unsubscribe = "{\"id\":3,\"unsubscribe\":{\"channel\":\"agent.o.t\"}}";

    [Test]
    public void Publications_come_between_the_subscribe_and_the_unsubscribe()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();

        rig.Publish("agent.o.t", "1");
        link.Send(Subscribe);
        rig.Publish("agent.o.t", "2");
        rig.Publish("agent.o.other", "3");
        link.Send(Unsubscribe);
        rig.Publish("agent.o.t", "4");

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"id\":2,\"subscribe\":{}}", Push("2"), "{\"id\":3,\"unsubscribe\":{}}" }));
    }

    [Test]
    [Checklist(68)]
    public void Unsubscribing_twice_is_no_error_and_subscribing_again_is_possible()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        link.Ask($"{Subscribe}\n{Unsubscribe}");

        var replies = link.Ask($"{Unsubscribe}\n{Subscribe}");
        rig.Publish("agent.o.t", "1");

        Assert.That(replies, Is.EqualTo(new[] { "{\"id\":3,\"unsubscribe\":{}}", "{\"id\":2,\"subscribe\":{}}" }));
        Assert.That(link.Received(), Is.EqualTo(new[] { Push("1") }));
    }

    [Test]
    [Checklist(74)]
    public void A_subscribed_publisher_gets_its_publication_before_the_reply()
    {
        using var rig = new BrokerRig();
        var listener = new ClientLink(rig).Connected();
        var publisher = new ClientLink(rig).Connected(TestToken.Of("{\"sub\":\"o\"}"));
        listener.Ask(Subscribe);
        publisher.Ask(Subscribe);

        var heard = publisher.Ask("{\"id\":4,\"publish\":{\"channel\":\"agent.o.t\",\"data\":{ \"a\" : 12345678901234567890 }}}");

        var push = Push($"{{\"_claw\":{{\"sender\":\"o\",\"timestamp\":{ManualTimeProvider.Start.ToUnixTimeMilliseconds()}}},\"payload\":{{ \"a\" : 12345678901234567890 }}}},\"info\":{{\"user\":\"o\",\"client\":\"CLIENT\"}}");
        Assert.That(heard, Is.EqualTo(new[] { push, "{\"id\":4,\"publish\":{}}" }));
        Assert.That(listener.Received(), Is.EqualTo(new[] { push.Replace("CLIENT", $"{publisher.Connection.Id}", StringComparison.Ordinal) }));
    }

    [Test]
    public async Task A_lock_ends_one_subscription_with_a_push_and_leaves_the_others()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        link.Ask($"{Subscribe}\n{{\"id\":3,\"subscribe\":{{\"channel\":\"public.a\"}}}}");

        await rig.Store.LockAsync(TestChannel.Named("agent.o.t"));
        await rig.Sweeper.SweepAsync(TestChannel.Named("agent.o.t"));
        await rig.Sweeper.SweepAsync(TestChannel.Named("agent.o.t"));
        rig.Publish("agent.o.t", "1");
        rig.Publish("public.a", "2");

        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"agent.o.t\",\"unsubscribe\":{\"code\":2000,\"reason\":\"permission denied\"}}}",
            "{\"push\":{\"channel\":\"public.a\",\"pub\":{\"data\":2}}}",
        }));
        Assert.That(link.Ask(Subscribe), Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":403,\"message\":\"permission denied: locked\"}}" }));
    }

    [Test]
    [Checklist(55)]
    public void Delivery_starts_when_the_store_has_allowed_the_subscription()
    {
        var store = new PausingStateStore();
        using var rig = new BrokerRig(store: store);
        var link = new ClientLink(rig).Connected();

        link.Send(Subscribe);
        rig.Publish("agent.o.t", "1");
        var before = link.Received();
        store.Answer(ChannelAccess.Open);
        rig.Publish("agent.o.t", "2");

        Assert.That(before, Is.Empty);
        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"id\":2,\"subscribe\":{}}", Push("2") }));
    }

    [TestCase(ChannelAccess.Locked, "\"code\":403,\"message\":\"permission denied: locked\"")]
    [TestCase(ChannelAccess.Open, "\"code\":100,\"message\":\"the right to subscribe could not be checked in time\",\"temporary\":true")]
    public void A_subscription_that_ended_during_the_store_query_is_checked_again_and_does_not_begin(ChannelAccess access, string error)
    {
        var store = new PausingStateStore();
        using var rig = new BrokerRig(store: store);
        var link = new ClientLink(rig).Connected();
        link.Send(Subscribe);
        var pending = rig.Hub.SubscriptionsOf(TestChannel.Named("agent.o.t")).Single();

        pending.Subscriber.EndSubscription(pending, UnsubscribeCode.InsufficientState);
        store.Answer(ChannelAccess.Open);
        store.Answer(access);
        rig.Publish("agent.o.t", "1");

        Assert.That(link.Received(), Is.EqualTo(new[] { $"{{\"id\":2,\"error\":{{{error}}}}}" }));
        Assert.That(pending.State, Is.EqualTo(SubscriptionState.Ended));
    }

    [Test]
    [CancelAfter(5_000)]
    public async Task A_store_failure_is_a_temporary_error_of_that_command_only(CancellationToken cancellation)
    {
        var store = new PausingStateStore();
        using var rig = new BrokerRig(store: store);
        var link = new ClientLink(rig).Connected();
        link.Send(Subscribe);

        store.Fail(new IOException("the store is away"));
        var failed = link.Received();
        link.Send("{\"id\":3,\"subscribe\":{\"channel\":\"public.a\"}}");

        Assert.That(failed, Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":100,\"message\":\"internal server error\",\"temporary\":true}}" }));
        Assert.That(await link.ReceivedAsync(cancellation), Is.EqualTo(new[] { "{\"id\":3,\"subscribe\":{}}" }));
    }

    [Test]
    public void Replies_before_a_command_that_waits_are_sent_without_waiting()
    {
        using var rig = new BrokerRig(store: new PausingStateStore());
        var link = new ClientLink(rig).Connected();

        var replies = link.Ask($"{{\"id\":9,\"subscribe\":{{\"channel\":\"public.a\"}}}}\n{Subscribe}");

        Assert.That(replies, Is.EqualTo(new[] { "{\"id\":9,\"subscribe\":{}}" }));
    }

    [Test]
    [CancelAfter(5_000)]
    public async Task A_connection_that_is_lost_during_the_store_query_leaves_nothing_behind(CancellationToken cancellation)
    {
        var store = new PausingStateStore();
        using var rig = new BrokerRig(store: store);
        var link = new ClientLink(rig).Connected();
        link.Send(Subscribe);

        link.Hang();
        store.Answer(ChannelAccess.Open);
        await link.Running.WaitAsync(cancellation);

        Assert.That((rig.Hub.SubscriptionCount, rig.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_client_that_does_not_read_is_disconnected_as_slow_and_others_get_everything()
    {
        using var rig = new BrokerRig(new BrokerOptions { Connections = new() { MaxQueuedBytes = 1024 } });
        var slow = new ClientLink(rig, pauseAt: 512).Connected();
        var quick = new ClientLink(rig).Connected();
        slow.Ask(Subscribe);
        quick.Ask(Subscribe);

        for (var i = 0; i < 100; i++)
        {
            rig.Publish("agent.o.t", $"\"{new string('x', 100)}\"");
        }

        // First what the transport held, then the close frame instead of all that waited.
        var heard = slow.Received().Concat(slow.Received()).ToArray();
        Assert.That(heard[^1], Is.EqualTo("close 3008 slow"));
        Assert.That(heard[..^1], Has.Length.InRange(1, 10));
        Assert.That(quick.Received(), Has.Length.EqualTo(100));
    }

    [Test]
    public void The_transport_of_a_slow_client_that_never_reads_again_is_aborted()
    {
        using var rig = new BrokerRig(new BrokerOptions { Connections = new() { MaxQueuedBytes = 1024 } });
        var slow = new ClientLink(rig, pauseAt: 512).Connected();
        slow.Ask(Subscribe);
        for (var i = 0; i < 100; i++)
        {
            rig.Publish("agent.o.t", $"\"{new string('x', 100)}\"");
        }

        rig.Time.Advance(TimeSpan.FromSeconds(5.5));

        Assert.That(slow.IsAborted, Is.True);
    }

    [Test]
    public async Task A_connection_that_ends_while_its_close_frame_is_sent_stays_closed()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        var hangingUp = link.WhenSentToAsync(link.Hang);

        link.Connection.Disconnect(DisconnectCode.Shutdown);
        await hangingUp;

        Assert.That(link.IsOver, Is.True);
        Assert.That((link.Connection.Phase, rig.Waiting), Is.EqualTo((Broker.Connections.ConnectionPhase.Closed, 0)));
    }

    private static string Push(string data) => $"{{\"push\":{{\"channel\":\"agent.o.t\",\"pub\":{{\"data\":{data}}}}}}}";
}
