using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Publications between the read of the history and the reply to the client.</summary>
internal sealed class ConnectionPendingRecoveryTests : IDisposable
{
    private const string Subscribe = "{\"id\":2,\"subscribe\":{\"channel\":\"rec:a\",\"recover\":true}}";

    private readonly BrokerRig _rig;
    private PausingEngine _engine = null!;

    public ConnectionPendingRecoveryTests() => _rig = new BrokerRig(
        new BrokerOptions
        {
            Connections = new() { MaxQueuedBytes = 1_000, PingInterval = TimeSpan.Zero },
            Namespaces = TestNamespaces.Of(("rec", TestNamespaces.History with { ForceRecovery = true })),
        },
        engine: inner => _engine = new PausingEngine(inner));

    public void Dispose() => _rig.Dispose();

    [Test]
    public void A_publication_during_the_history_read_follows_the_reply()
    {
        var link = new ClientLink(_rig).Connected();
        _rig.Publish("rec:a", "1");
        _engine.Pause();
        link.Send(Subscribe);

        _rig.Publish("rec:a", "2");
        _rig.Publish("rec:a", "3");
        var before = link.Received();
        _engine.Resume();
        _rig.Publish("rec:a", "4");

        Assert.That(before, Is.Empty);
        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"EPOCH\",\"publications\":[{\"data\":1,\"offset\":1}],\"recovered\":true,\"positioned\":true,\"was_recovering\":true}}",
            Push(2), Push(3), Push(4),
        }));
    }

    [Test]
    public void A_client_has_to_recover_again_when_more_came_than_may_wait()
    {
        var link = new ClientLink(_rig).Connected();
        _engine.Pause();
        link.Send(Subscribe);

        for (var i = 0; i < 20; i++)
        {
            _rig.Publish("rec:a", $"\"{new string('x', 100)}\"");
        }

        _engine.Resume();

        Assert.That(link.Received()[^1], Is.EqualTo("close 3010 insufficient state"));
    }

    [Test]
    public void A_gap_in_the_kept_publications_closes_the_connection()
    {
        var link = new ClientLink(_rig).Connected();
        _engine.Pause();
        link.Send(Subscribe);

        _rig.Hub.Deliver(TestChannel.Named("rec:a"), new() { Position = new(7, "another"), Publication = new("7".Utf8()) });
        _engine.Resume();

        Assert.That(link.Received()[^1], Is.EqualTo("close 3010 insufficient state"));
    }

    [Test]
    [CancelAfter(5_000)]
    public async Task A_connection_that_is_lost_during_the_history_read_leaves_nothing_behind(CancellationToken cancellation)
    {
        var link = new ClientLink(_rig).Connected();
        _engine.Pause();
        link.Send(Subscribe);
        _rig.Publish("rec:a", "1");

        link.Hang();
        _engine.Resume();
        await link.Running.WaitAsync(cancellation);

        Assert.That((_rig.Hub.SubscriptionCount, _rig.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public void An_engine_failure_is_a_temporary_error_and_leaves_no_subscription()
    {
        var link = new ClientLink(_rig).Connected();
        _engine.Fault = new IOException("away");

        var reply = link.Ask(Subscribe);

        Assert.That(reply, Is.EqualTo(new[] { "{\"id\":2,\"error\":{\"code\":100,\"message\":\"internal server error\",\"temporary\":true}}" }));
        Assert.That(_rig.Hub.SubscriptionCount, Is.Zero);
    }

    [Test]
    public void A_lost_last_publication_is_noticed_within_a_minute()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask(Subscribe);

        _engine.Lost = 1;
        _rig.Time.Advance(TimeSpan.FromSeconds(28));
        var atFirst = link.Received();
        _rig.Time.Advance(TimeSpan.FromSeconds(28));

        Assert.That(atFirst, Is.Empty, "it may still be on its way");
        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"rec:a\",\"unsubscribe\":{\"code\":2500,\"reason\":\"insufficient state\"}}}" }));
    }

    [Test]
    public void A_subscription_that_misses_nothing_continues()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask(Subscribe);

        for (var minute = 0; minute < 10; minute++)
        {
            _rig.Publish("rec:a", "1");
            _rig.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.That(link.Received(), Has.Length.EqualTo(10).And.All.StartsWith("{\"push\":{\"channel\":\"rec:a\",\"pub\":"));
    }

    private static string Push(int number) => $"{{\"push\":{{\"channel\":\"rec:a\",\"pub\":{{\"data\":{number},\"offset\":{number}}}}}}}";
}
