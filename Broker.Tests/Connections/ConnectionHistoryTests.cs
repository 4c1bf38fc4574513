using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

internal sealed class ConnectionHistoryTests : IDisposable
{
    private readonly BrokerRig _rig = new(TestNamespaces.Only(
        ("kept", TestNamespaces.History),
        ("many", TestNamespaces.History with { HistorySize = 1_000 }),
        ("shut", TestNamespaces.History with { ReadHistory = default }),
        ("subs", TestNamespaces.History with { ReadHistory = new(ForClient: false, ForSubscriber: true, ForAnonymous: true) }),
        ("off", TestNamespaces.Open with { HistorySize = 5 }),
        ("agent", TestNamespaces.History)));

    public void Dispose() => _rig.Dispose();

    [TestCase("off:a", "108,\"message\":\"not available\"")]
    [TestCase("shut:a", "103,\"message\":\"permission denied: not_for_clients\"")]
    [TestCase("subs:a", "103,\"message\":\"permission denied: not_subscribed\"")]
    [TestCase("nowhere:a", "102,\"message\":\"unknown channel\"")]
    [TestCase("public.a", "108,\"message\":\"not available\"")]
    [TestCase("agent.o.locked", "403,\"message\":\"permission denied: locked\"")]
    [Checklist(90)]
    public async Task History_is_refused_where_it_is_off_or_not_allowed(string channel, string expected)
    {
        await _rig.Store.LockAsync(TestChannel.Named("agent.o.locked"));

        Assert.That(Ask(channel, ""), Is.EqualTo($"{{\"id\":2,\"error\":{{\"code\":{expected}}}}}"));
    }

    [TestCase("", "[]")]
    [TestCase(",\"limit\":2", "[{\"data\":3,\"offset\":3},{\"data\":4,\"offset\":4}]")]
    [TestCase(",\"limit\":-1", "[{\"data\":3,\"offset\":3},{\"data\":4,\"offset\":4},{\"data\":5,\"offset\":5},{\"data\":6,\"offset\":6},{\"data\":7,\"offset\":7}]")]
    [TestCase(",\"limit\":2,\"reverse\":true", "[{\"data\":7,\"offset\":7},{\"data\":6,\"offset\":6}]")]
    [TestCase(",\"limit\":-1,\"since\":{\"offset\":5}", "[{\"data\":6,\"offset\":6},{\"data\":7,\"offset\":7}]")]
    [TestCase(",\"limit\":-1,\"since\":{\"offset\":5},\"reverse\":true", "[{\"data\":4,\"offset\":4},{\"data\":3,\"offset\":3}]")]
    [TestCase(",\"limit\":1,\"since\":{\"offset\":8},\"reverse\":true", "[{\"data\":7,\"offset\":7}]")]
    [TestCase(",\"limit\":-1,\"since\":{\"offset\":9},\"reverse\":true", "[]")]
    [Checklist(91, 92)]
    public void History_comes_with_the_position_and_within_the_limits_asked_for(string request, string publications)
    {
        Publish("kept:a", 7);

        Assert.That(Ask("kept:a", request), Is.EqualTo($"{{\"id\":2,\"history\":{{\"publications\":{publications},\"epoch\":\"EPOCH\",\"offset\":7}}}}"));
    }

    [TestCase(",\"limit\":1,\"since\":{\"offset\":1,\"epoch\":\"wrong\"}", "112,\"message\":\"unrecoverable position\"")]
    [TestCase(",\"limit\":1,\"since\":{\"offset\":0},\"reverse\":true", "107")]
    [Checklist(93, 94)]
    public void An_invalid_position_is_an_error(string request, string error)
    {
        Publish("kept:a", 7);

        Assert.That(Ask("kept:a", request), Does.StartWith($"{{\"id\":2,\"error\":{{\"code\":{error}"));
    }

    [Test]
    [Checklist(91)]
    public void A_client_gets_300_publications_at_most()
    {
        Publish("many:a", 400);

        Assert.That(Ask("many:a", ",\"limit\":-1"), Does.Contain("\"offset\":300}").And.Not.Contain("\"offset\":301}"));
    }

    [Test]
    public void Subscribers_may_read_history_that_others_may_not()
    {
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"subs:a\"}}");

        Assert.That(link.Ask("{\"id\":3,\"history\":{\"channel\":\"subs:a\"}}").Single(), Does.StartWith("{\"id\":3,\"history\":"));
    }

    [Test]
    public void Agents_may_read_the_history_of_channels_they_may_subscribe_to() =>
        Assert.That(Ask("agent.o.open", ",\"limit\":1"), Is.EqualTo("{\"id\":2,\"history\":{\"publications\":[],\"epoch\":\"EPOCH\",\"offset\":0}}"));

    [Test]
    [Checklist(96)]
    public void History_expires_and_the_offsets_go_on()
    {
        Publish("kept:a", 3);
        _rig.Time.Advance(TimeSpan.FromSeconds(61));

        Assert.That(Ask("kept:a", ",\"limit\":-1"), Is.EqualTo("{\"id\":2,\"history\":{\"publications\":[],\"epoch\":\"EPOCH\",\"offset\":3}}"));
    }

    [Test]
    public void Each_command_without_a_channel_is_a_bad_request()
    {
        foreach (var command in new[] { "history", "presence", "presence_stats" })
        {
            Assert.That(new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"{command}\":{{}}}}"), Is.EqualTo(new[] { "close 3501 bad request" }));
        }
    }

    private string Ask(string channel, string request) =>
        new ClientLink(_rig).Connected().Ask($"{{\"id\":2,\"history\":{{\"channel\":\"{channel}\"{request}}}}}").Single();

    private void Publish(string channel, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            _rig.Publish(channel, $"{i}");
        }
    }
}
