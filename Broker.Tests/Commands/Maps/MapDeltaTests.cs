using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Commands.Maps;

/// <summary>Deltas in maps: a patch is made against the value of the same key.</summary>
internal sealed class MapDeltaTests : IDisposable
{
    private readonly BrokerRig _rig = new(TestNamespaces.Only(
        ("map", TestMaps.Open(TestMaps.Persistent) with { AllowFossilDelta = true, DeltaPublish = true }),
        ("brief", TestMaps.Open(TestMaps.Ephemeral) with { AllowFossilDelta = true, DeltaPublish = true }),
        ("never", TestMaps.Open(TestMaps.Persistent))));

    public void Dispose() => _rig.Dispose();

    [TestCase("map:a")]
    [TestCase("brief:a")]
    [Checklist(186)]
    public void A_subscriber_with_deltas_gets_patches_of_each_key_and_others_get_whole_values(string channel)
    {
        var publisher = new ClientLink(_rig).Connected();
        Publish(publisher, channel, "a", 1);
        var (delta, plain) = (new ClientLink(_rig).Connected(), new ClientLink(_rig).Connected());

        var reply = delta.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\",\"type\":1,\"phase\":2,\"delta\":\"fossil\"}}}}").Single();
        plain.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\",\"type\":1,\"phase\":2}}}}");
        Publish(publisher, channel, "b", 2);
        Publish(publisher, channel, "a", 3);
        Publish(publisher, channel, "b", 4);
        publisher.Ask($"{{\"id\":3,\"publish\":{{\"channel\":\"{channel}\",\"type\":1,\"key\":\"b\",\"removed\":true}}}}");
        Publish(publisher, channel, "b", 5);

        Assert.That(reply, Does.Contain("\"delta\":true").And.Contain("\"state\":[{\"data\":\"{\\\"text"));
        Assert.That(delta.Received().Select(push => push.Contains("\"delta\":true", StringComparison.Ordinal)), Is.EqualTo(new[] { false, true, true, false, false }));
        Assert.That(plain.Received(), Has.Length.EqualTo(5).And.None.Contain("\"delta\":true"));
    }

    [Test]
    public void The_removal_of_a_key_has_data_that_a_client_with_deltas_can_read()
    {
        var publisher = new ClientLink(_rig).Connected();
        Publish(publisher, "map:a", "a", 1);
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"map:a\",\"type\":1,\"phase\":2,\"delta\":\"fossil\"}}");

        publisher.Ask("{\"id\":3,\"publish\":{\"channel\":\"map:a\",\"type\":1,\"key\":\"a\",\"removed\":true}}");

        Assert.That(link.Received(), Is.EqualTo(new[] { "{\"push\":{\"channel\":\"map:a\",\"pub\":{\"data\":\"null\",\"offset\":2,\"key\":\"a\",\"removed\":true}}}" }));
    }

    [Test]
    public void Missed_changes_come_whole_for_the_first_of_a_key_and_as_patches_for_the_next_ones()
    {
        var publisher = new ClientLink(_rig).Connected();
        var link = new ClientLink(_rig).Connected();
        link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"map:a\",\"type\":1,\"phase\":2}}");
        Publish(publisher, "map:a", "a", 1);
        var epoch = System.Text.Json.JsonDocument.Parse($"{link.Frames().Single()}").RootElement.GetProperty("push").GetProperty("pub").GetProperty("epoch");
        link.Ask("{\"id\":3,\"unsubscribe\":{\"channel\":\"map:a\"}}");
        foreach (var (key, number) in new[] { ("a", 2), ("b", 3), ("a", 4), ("b", 5) })
        {
            Publish(publisher, "map:a", key, number);
        }

        var reply = link.Ask($"{{\"id\":4,\"subscribe\":{{\"channel\":\"map:a\",\"type\":1,\"phase\":1,\"recover\":true,\"delta\":\"fossil\",\"offset\":1,\"epoch\":\"{epoch}\"}}}}").Single();

        using var json = System.Text.Json.JsonDocument.Parse(reply);
        var publications = json.RootElement.GetProperty("subscribe").GetProperty("publications").EnumerateArray();
        Assert.That(publications.Select(one => one.TryGetProperty("delta", out _)), Is.EqualTo(new[] { false, false, true, true }));
    }

    [Test]
    public void Deltas_are_refused_silently_where_the_options_have_none()
    {
        var link = new ClientLink(_rig).Connected();

        Assert.That(link.Ask("{\"id\":2,\"subscribe\":{\"channel\":\"never:a\",\"type\":1,\"phase\":2,\"delta\":\"fossil\"}}").Single(), Does.Not.Contain("delta"));
        Assert.That(link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"map:a\",\"type\":1,\"phase\":2,\"delta\":\"zip\"}}"), Is.EqualTo(new[] { "close 3501 bad request" }));
    }

    private static void Publish(ClientLink publisher, string channel, string key, int number)
    {
        var reply = publisher.Ask($"{{\"id\":9,\"publish\":{{\"channel\":\"{channel}\",\"type\":1,\"key\":\"{key}\",\"data\":{{\"text\":\"{new string('x', 300)}\",\"n\":{number}}}}}}}");
        Assert.That(reply, Is.EqualTo(new[] { "{\"id\":9,\"publish\":{}}" }));
    }
}
