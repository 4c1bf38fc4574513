using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Commands.Maps;

/// <summary>Changes of maps by clients.</summary>
internal sealed class MapPublishTests : IDisposable
{
    private static readonly ClientPermission Nobody = new(ForClient: false, ForSubscriber: false, ForAnonymous: true);
    private static readonly ClientPermission Clients = new(ForClient: true, ForSubscriber: false, ForAnonymous: false);
    private static readonly ClientPermission Subscribers = new(ForClient: false, ForSubscriber: true, ForAnonymous: true);

    private readonly BrokerRig _rig = new(TestNamespaces.Only(
        ("map", TestMaps.Open(TestMaps.Persistent)),
        ("object", TestMaps.Open(TestMaps.Persistent) with { PayloadFormat = PayloadFormat.JsonObject }),
        ("byclient", TestMaps.Open(TestMaps.Persistent with { ClientKey = MapClientKey.ClientId })),
        ("byuser", TestMaps.Open(TestMaps.Persistent with { ClientKey = MapClientKey.UserId })),
        ("read", TestMaps.Open(TestMaps.Persistent with { Publish = Nobody, Remove = Nobody })),
        ("user", TestMaps.Open(TestMaps.Persistent with { Publish = Clients, Remove = Nobody })),
        ("subs", TestMaps.Open(TestMaps.Persistent with { Publish = Subscribers, Remove = Subscribers })),
        ("stream", TestNamespaces.Open)));

    public void Dispose() => _rig.Dispose();

    [Test]
    [Checklist(187)]
    public void A_client_publishes_and_removes_a_key()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"map:a\",\"type\":1,\"phase\":2}}");

        link.Send("{\"id\":3,\"publish\":{\"channel\":\"map:a\",\"type\":1,\"key\":\"k\",\"data\":{\"a\":1}}}");
        link.Send("{\"id\":4,\"publish\":{\"channel\":\"map:a\",\"type\":1,\"key\":\"k\",\"removed\":true}}");
        link.Send("{\"id\":5,\"publish\":{\"channel\":\"map:a\",\"type\":1,\"key\":\"k\",\"removed\":true}}");

        Assert.That(link.Received(), Is.EqualTo(new[]
        {
            "{\"push\":{\"channel\":\"map:a\",\"pub\":{\"data\":{\"a\":1},\"info\":{\"user\":\"\",\"client\":\"CLIENT\"},\"offset\":1,\"key\":\"k\",\"epoch\":\"EPOCH\"}}}",
            "{\"id\":3,\"publish\":{}}",
            "{\"push\":{\"channel\":\"map:a\",\"pub\":{\"offset\":2,\"key\":\"k\",\"removed\":true}}}",
            "{\"id\":4,\"publish\":{}}",
            "{\"id\":5,\"publish\":{}}",
        }));
    }

    [TestCase("\"channel\":\"map:a\",\"type\":1,\"data\":1", 107, Description = "no key")]
    [TestCase("\"channel\":\"map:a\",\"type\":1,\"removed\":true", 107, Description = "no key")]
    [TestCase("\"channel\":\"map:a\",\"type\":1,\"key\":\"k\"", 107, Description = "no data")]
    [TestCase("\"channel\":\"object:a\",\"type\":1,\"key\":\"k\",\"data\":[1]", 107)]
    [TestCase("\"channel\":\"none:a\",\"type\":1,\"key\":\"k\",\"data\":1", 102)]
    [TestCase("\"channel\":\"map:a\",\"data\":1", 103, Description = "not as a map")]
    [TestCase("\"channel\":\"map:a\",\"type\":2,\"key\":\"k\",\"data\":1", 103)]
    [TestCase("\"channel\":\"stream:a\",\"type\":1,\"key\":\"k\",\"data\":1", 103)]
    [TestCase("\"channel\":\"read:a\",\"type\":1,\"key\":\"k\",\"data\":1", 103)]
    [TestCase("\"channel\":\"read:a\",\"type\":1,\"key\":\"k\",\"removed\":true", 103)]
    [TestCase("\"channel\":\"user:a\",\"type\":1,\"key\":\"k\",\"data\":1", 103, Description = "anonymous")]
    [TestCase("\"channel\":\"subs:a\",\"type\":1,\"key\":\"k\",\"data\":1", 103, Description = "not subscribed")]
    [TestCase("\"channel\":\"byuser:a\",\"type\":1,\"data\":1", 103, Description = "anonymous")]
    public void A_change_that_the_map_does_not_allow_is_refused(string publish, int code)
    {
        var reply = new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"publish\":{{{publish}}}}}").Single();

        Assert.That(reply, Does.StartWith($"{{\"id\":2,\"error\":{{\"code\":{code},"));
    }

    [Test]
    public void A_key_has_at_most_1024_bytes()
    {
        var link = new ClientLink(_rig).Connected();

        string Publish(string key) => link.Ask($"{{\"id\":2,\"publish\":{{\"channel\":\"map:a\",\"type\":1,\"key\":\"{key}\",\"data\":1}}}}").Single();

        Assert.That(Publish(new string('é', 512)), Is.EqualTo("{\"id\":2,\"publish\":{}}"));
        Assert.That(Publish(new string('é', 513)), Does.Contain("\"code\":107").And.Contain("1024 bytes"));
    }

    [Test]
    public void Users_may_publish_where_clients_may_and_remove_only_where_that_is_allowed()
    {
        var link = new ClientLink(_rig).Connected(TestToken.Of("{\"sub\":\"alice\"}"));

        Assert.That(link.Ask("{\"id\":2,\"publish\":{\"channel\":\"user:a\",\"type\":1,\"key\":\"k\",\"data\":1}}"), Is.EqualTo(new[] { "{\"id\":2,\"publish\":{}}" }));
        Assert.That(link.Ask("{\"id\":3,\"publish\":{\"channel\":\"user:a\",\"type\":1,\"key\":\"k\",\"removed\":true}}").Single(), Does.Contain("\"code\":103"));
    }

    [Test]
    public void Subscribers_may_change_a_map_that_is_theirs_to_change()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"subs:a\",\"type\":1,\"phase\":2}}");

        Assert.That(link.Ask("{\"id\":3,\"publish\":{\"channel\":\"subs:a\",\"type\":1,\"key\":\"k\",\"data\":1}}")[^1], Is.EqualTo("{\"id\":3,\"publish\":{}}"));
        Assert.That(link.Ask("{\"id\":4,\"publish\":{\"channel\":\"subs:a\",\"type\":1,\"key\":\"k\",\"removed\":true}}")[^1], Is.EqualTo("{\"id\":4,\"publish\":{}}"));
    }

    [TestCase("byclient:a", "CLIENT")]
    [TestCase("byuser:a", "alice")]
    public void The_broker_chooses_the_key_where_the_options_say_so(string channel, string key)
    {
        var link = new ClientLink(_rig).Connected(TestToken.Of("{\"sub\":\"alice\"}"));
        link.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\",\"type\":1,\"phase\":2}}}}");

        link.Send($"{{\"id\":3,\"publish\":{{\"channel\":\"{channel}\",\"type\":1,\"key\":\"mine\",\"data\":1}}}}");
        link.Send($"{{\"id\":4,\"publish\":{{\"channel\":\"{channel}\",\"type\":1,\"key\":\"mine\",\"removed\":true}}}}");

        var pushes = link.Received().Where(message => message.StartsWith("{\"push\"", StringComparison.Ordinal)).ToArray();
        Assert.That(pushes, Has.Length.EqualTo(2).And.All.Contain($"\"key\":\"{key}\""));
        Assert.That(pushes[1], Does.Contain("\"removed\":true"));
    }
}
