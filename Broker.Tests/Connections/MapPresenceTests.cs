using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>The maps of a channel's clients and users, and a client's own key in a map.</summary>
internal sealed class MapPresenceTests : IDisposable
{
    private static readonly MapOptions Presence = TestMaps.Ephemeral with { Mode = MapMode.Recoverable, StreamSize = 100, StreamTtl = TimeSpan.FromMinutes(1) };

    private static readonly ChannelOptions Shown = TestNamespaces.Open with { MapClientsPrefix = "clients:", MapUsersPrefix = "users:" };

    private readonly BrokerRig _rig = new(TestNamespaces.Only(
        ("stream", Shown),
        ("map", TestMaps.Open(TestMaps.Persistent) with { MapClientsPrefix = "clients:", MapUsersPrefix = "users:" }),
        ("cursors", TestMaps.Open(TestMaps.Ephemeral with { ClientKey = MapClientKey.ClientId, RemoveClientOnUnsubscribe = true })),
        ("both", Shown with { Presence = true }),
        ("clients", TestMaps.Open(Presence) with { SubscriptionType = SubscriptionType.MapClients }),
        ("users", TestMaps.Open(Presence) with { SubscriptionType = SubscriptionType.MapUsers })) with
    { Connections = new() { PingInterval = TimeSpan.Zero } });

    public void Dispose() => _rig.Dispose();

    [TestCase("stream:a", "")]
    [TestCase("map:a", ",\"type\":1,\"phase\":2")]
    [TestCase("both:a", "")]
    public void A_subscriber_is_a_key_in_the_map_of_clients_until_it_leaves(string channel, string more)
    {
        var watcher = Watch("clients", channel, 2);
        var alice = Connect("alice");

        alice.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"{more}}}}}");
        alice.Ask($"{{\"id\":3,\"unsubscribe\":{{\"channel\":\"{channel}\"}}}}");
        alice.Ask($"{{\"id\":4,\"subscribe\":{{\"channel\":\"{channel}\"{more}}}}}");
        alice.Hang();

        var id = alice.Connection.Id;
        string Added(int offset) => $"{{\"push\":{{\"channel\":\"clients:{channel}\",\"pub\":{{\"info\":{{\"user\":\"alice\",\"client\":\"{id}\"}},\"offset\":{offset},\"key\":\"{id}\"{(offset == 1 ? ",\"epoch\":\"EPOCH\"" : "")}}}}}}}";
        string Removed(int offset) => $"{{\"push\":{{\"channel\":\"clients:{channel}\",\"pub\":{{\"offset\":{offset},\"key\":\"{id}\",\"removed\":true}}}}}}";
        Assert.That(watcher.Received(), Is.EqualTo(new[] { Added(1), Removed(2), Added(3), Removed(4) }));
    }

    [Test]
    public void A_user_stays_in_the_map_of_users_until_its_key_expires()
    {
        var watcher = Watch("users", "stream:a", 3);
        var (first, second, nobody) = (Connect("alice"), Connect("alice"), new ClientLink(_rig).Connected());
        foreach (var link in new[] { first, second, nobody })
        {
            link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"stream:a\"}}");
        }

        Assert.That(watcher.Received().Single(), Does.Contain("\"key\":\"alice\"").And.Not.Contain("info"));
        first.Hang();
        second.Hang();
        Assert.That(watcher.Received(), Is.Empty);
        _rig.Time.Advance(TimeSpan.FromSeconds(62));
        Assert.That(watcher.Received().Single(), Does.Contain("\"key\":\"alice\",\"removed\":true"));
    }

    [Test]
    public void The_keys_of_a_subscriber_live_as_long_as_it_does()
    {
        var (clients, users) = (Watch("clients", "stream:a", 2), Watch("users", "stream:a", 3));
        Connect("alice").Ask("{\"id\":2,\"subscribe\":{\"channel\":\"stream:a\"}}");
        clients.Received();
        users.Received();

        for (var minutes = 0; minutes < 10; minutes++)
        {
            _rig.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.That(clients.Received().Concat(users.Received()), Is.Empty);
    }

    [Test]
    public void A_subscribe_that_is_refused_leaves_no_key()
    {
        var link = Connect("alice");

        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"map:a\",\"type\":1,\"phase\":1,\"recover\":true,\"offset\":7,\"epoch\":\"none\"}}");

        Assert.That(CountOf("clients:map:a"), Is.Zero);
        link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"map:a\",\"type\":1,\"phase\":2}}");
        Assert.That(CountOf("clients:map:a"), Is.EqualTo(1));
    }

    [Test]
    public void A_channel_whose_name_is_too_long_with_the_prefix_has_no_map_of_clients()
    {
        var channel = $"stream:{new string('x', 240)}";

        Assert.That(Connect("alice").Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"}}}}"), Is.EqualTo(new[] { "{\"id\":2,\"subscribe\":{}}" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_clients_own_key_goes_when_it_leaves(bool unsubscribes)
    {
        var (watcher, alice) = (new ClientLink(_rig).Connected(), Connect("alice"));
        watcher.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"cursors:a\",\"type\":1,\"phase\":2}}");
        alice.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"cursors:a\",\"type\":1,\"phase\":2}}");
        alice.Ask("{\"id\":3,\"publish\":{\"channel\":\"cursors:a\",\"type\":1,\"data\":1}}");
        watcher.Received();

        if (unsubscribes)
        {
            alice.Ask("{\"id\":4,\"unsubscribe\":{\"channel\":\"cursors:a\"}}");
        }
        else
        {
            alice.Hang();
        }

        Assert.That(watcher.Received(), Is.EqualTo(new[] { $"{{\"push\":{{\"channel\":\"cursors:a\",\"pub\":{{\"key\":\"{alice.Connection.Id}\",\"removed\":true}}}}}}" }));
    }

    private ClientLink Connect(string user) => new ClientLink(_rig).Connected(TestToken.Of($"{{\"sub\":\"{user}\"}}"));

    private ClientLink Watch(string map, string channel, int type)
    {
        var link = new ClientLink(_rig).Connected();
        Assert.That(link.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{map}:{channel}\",\"type\":{type},\"phase\":2}}}}").Single(), Does.Contain($"\"type\":{type}"));
        return link;
    }

    private int CountOf(string channel) => _rig.Maps.CountAsync(TestChannel.Named(channel)).AsTask().Result;
}
