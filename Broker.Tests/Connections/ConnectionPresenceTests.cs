using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Presence, joins and leaves.</summary>
internal sealed class ConnectionPresenceTests : IDisposable
{
    private readonly BrokerRig _rig;
    private PausingEngine _engine = null!;

    public ConnectionPresenceTests() => _rig = new BrokerRig(
        new BrokerOptions
        {
            Connections = new() { PingInterval = TimeSpan.Zero },
            Namespaces = TestNamespaces.Of(
                ("room", TestNamespaces.Open with { Presence = true, JoinLeave = true }),
                ("loud", TestNamespaces.Open with { Presence = true, JoinLeave = true, ForcePushJoinLeave = true }),
                ("shut", TestNamespaces.Open with { Presence = true, ReadPresence = default }),
                ("off", TestNamespaces.Open),
                ("public", TestNamespaces.Open with { Presence = true, JoinLeave = true, ForcePushJoinLeave = true })),
        },
        engine: inner => _engine = new PausingEngine(inner));

    public void Dispose() => _rig.Dispose();

    [TestCase("off:a", "108,\"message\":\"not available\"")]
    [TestCase("shut:a", "103,\"message\":\"permission denied: not_for_clients\"")]
    [TestCase("nowhere:a", "102,\"message\":\"unknown channel\"")]
    [TestCase("agent.o.t", "108,\"message\":\"not available\"")]
    [Checklist(82)]
    public void Presence_is_refused_where_it_is_off_or_not_allowed(string channel, string expected)
    {
        var link = new ClientLink(_rig).Connected();

        foreach (var command in new[] { "presence", "presence_stats" })
        {
            Assert.That(link.Ask($"{{\"id\":2,\"{command}\":{{\"channel\":\"{channel}\"}}}}"), Is.EqualTo(new[] { $"{{\"id\":2,\"error\":{{\"code\":{expected}}}}}" }));
        }
    }

    [Test]
    public void An_empty_channel_has_an_empty_map_and_zeros()
    {
        var link = new ClientLink(_rig).Connected();

        Assert.That(Presence(link), Is.EqualTo("{\"id\":8,\"presence\":{\"presence\":{}}}"));
        Assert.That(Stats(link), Is.EqualTo("{\"id\":9,\"presence_stats\":{\"num_clients\":0,\"num_users\":0}}"));
    }

    [Test]
    [Checklist(83)]
    public void Subscribers_are_listed_by_connection_and_counted_by_user()
    {
        var token = TestToken.Of("{\"sub\":\"42\",\"info\":{\"name\":\"Bob\"}}");
        var bob = Subscribed("room:a", token);
        var again = Subscribed("room:a", token);

        var presence = Presence(bob);

        Assert.That(presence, Does.Contain("\"CLIENT\":{\"user\":\"42\",\"client\":\"CLIENT\",\"conn_info\":{\"name\":\"Bob\"}}").And.Contain($"\"{again.Connection.Id}\":{{"));
        Assert.That(Stats(bob), Is.EqualTo("{\"id\":9,\"presence_stats\":{\"num_clients\":2,\"num_users\":1}}"));
    }

    [Test]
    [Checklist(85)]
    public void A_subscriber_that_unsubscribes_or_disconnects_is_removed_from_presence()
    {
        var stayer = Subscribed("room:a");
        var leaver = Subscribed("room:a");
        var goer = Subscribed("room:a");
        var ended = Subscribed("room:a");

        leaver.Ask("{\"id\":3,\"unsubscribe\":{\"channel\":\"room:a\"}}");
        goer.Hang();
        ended.Connection.EndSubscription(ended.Connection.Subscriptions.Find(TestChannel.Named("room:a"))!, UnsubscribeCode.ServerUnsubscribe);

        Assert.That(Stats(stayer), Does.Contain("\"num_clients\":1"));
        Assert.That(Presence(stayer), Does.Contain("CLIENT"));
    }

    [Test]
    public void A_subscriber_that_stays_remains_present()
    {
        var stayer = Subscribed("room:a");

        _rig.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.That(Stats(stayer), Does.Contain("\"num_clients\":1"));
    }

    [Test]
    public void Presence_that_cannot_be_renewed_expires_and_returns_afterwards()
    {
        var stayer = Subscribed("room:a");

        _engine.Fault = new IOException("away");
        _rig.Time.Advance(TimeSpan.FromSeconds(100));
        _engine.Fault = null;
        var meanwhile = Stats(stayer);
        _rig.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.That(meanwhile, Does.Contain("\"num_clients\":0"));
        Assert.That(Stats(stayer), Does.Contain("\"num_clients\":1"));
    }

    [Test]
    [Checklist(87, 88)]
    public void A_subscriber_that_asked_gets_joins_its_own_first_and_leaves_of_others()
    {
        var first = new ClientLink(_rig).Connected(TestToken.Of("{\"sub\":\"1\"}"));

        var own = first.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"room:a\",\"join_leave\":true}}");
        var second = Subscribed("room:a");
        var third = Subscribed("room:a");
        second.Ask("{\"id\":3,\"unsubscribe\":{\"channel\":\"room:a\"}}");
        third.Hang();
        first.Send("{\"id\":3,\"unsubscribe\":{\"channel\":\"room:a\"}}");

        Assert.That(own, Is.EqualTo(new[] { "{\"id\":2,\"subscribe\":{}}", Coming("room:a", "join", "1", "CLIENT") }));
        Assert.That(first.Received(), Is.EqualTo(new[]
        {
            Coming("room:a", "join", "", $"{second.Connection.Id}"), Coming("room:a", "join", "", $"{third.Connection.Id}"),
            Coming("room:a", "leave", "", $"{second.Connection.Id}"), Coming("room:a", "leave", "", $"{third.Connection.Id}"),
            "{\"id\":3,\"unsubscribe\":{}}",
        }));
    }

    [TestCase("room:a", false)]
    [TestCase("loud:a", true)]
    [TestCase("public.a", true)]
    [TestCase("off:a", false)]
    [Checklist(87, 89)]
    public void A_subscriber_that_did_not_ask_gets_joins_and_leaves_only_where_options_force_it(string channel, bool hears)
    {
        var listener = Subscribed(channel);
        listener.Received();

        var comer = Subscribed(channel);
        comer.Hang();

        string[] expected = [Coming(channel, "join", "", $"{comer.Connection.Id}"), Coming(channel, "leave", "", $"{comer.Connection.Id}")];
        Assert.That(listener.Received(), Is.EqualTo(hears ? expected : []));
    }

    [Test]
    public void A_subscribe_whose_presence_cannot_be_stored_fails_and_may_be_retried()
    {
        var link = new ClientLink(_rig).Connected();
        _engine.Fault = new IOException("away");

        var failed = link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"room:a\"}}");
        _engine.Fault = null;
        var again = link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"room:a\"}}");

        Assert.That(failed.Single(), Does.Contain("\"code\":100"));
        Assert.That(again, Is.EqualTo(new[] { "{\"id\":3,\"subscribe\":{}}" }));
    }

    [Test]
    public void A_publication_names_its_publisher()
    {
        var link = Subscribed("room:a", TestToken.Of("{\"sub\":\"42\",\"info\":{\"name\":\"Bob\"}}"));

        var heard = link.Ask("{\"id\":4,\"publish\":{\"channel\":\"room:a\",\"data\":1}}");

        Assert.That(heard, Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"room:a\",\"pub\":{\"data\":1,\"info\":{\"user\":\"42\",\"client\":\"CLIENT\",\"conn_info\":{\"name\":\"Bob\"}}}}}",
            "{\"id\":4,\"publish\":{}}",
        }));
    }

    private ClientLink Subscribed(string channel, string? token = null)
    {
        var link = new ClientLink(_rig).Connected(token);
        Assert.That(link.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"}}}}")[0], Is.EqualTo("{\"id\":2,\"subscribe\":{}}"));
        return link;
    }

    private static string Presence(ClientLink link) => link.Ask("{\"id\":8,\"presence\":{\"channel\":\"room:a\"}}").Single();

    private static string Stats(ClientLink link) => link.Ask("{\"id\":9,\"presence_stats\":{\"channel\":\"room:a\"}}").Single();

    private static string Coming(string channel, string kind, string user, string client) =>
        $"{{\"push\":{{\"channel\":\"{channel}\",\"{kind}\":{{\"info\":{{\"user\":\"{user}\",\"client\":\"{client}\"}}}}}}}}";
}
