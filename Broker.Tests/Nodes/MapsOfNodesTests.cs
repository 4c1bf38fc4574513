using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Nodes;

/// <summary>Whole brokers on one Redis have the same maps.</summary>
internal sealed class MapsOfNodesTests
{
    private static readonly ChannelOptions Map = new()
    {
        SubscriptionType = SubscriptionType.Map,
        Map = new() { Mode = MapMode.Recoverable, KeyTtl = TimeSpan.FromSeconds(1), StreamSize = 10, StreamTtl = TimeSpan.FromMinutes(1), MetaTtl = TimeSpan.FromMinutes(10) },
    };

    [Test]
    public async Task A_key_of_one_node_is_seen_by_the_other_and_expires_when_the_first_has_stopped()
    {
        await using var nodes = await TwoNodes.StartAsync(options => options with { Namespaces = TestNamespaces.Of(("board", Map)) });
        var third = await nodes.StartAnotherAsync();

        await third.PostWithKeyAsync("/api/map_publish", """{"channel":"board:a","key":"k","data":1}""");
        var seen = await nodes.There.PostWithKeyAsync("/api/map_read_stream", """{"channel":"board:a","limit":10}""");
        await third.DisposeAsync();

        Assert.That(seen.Body, Does.Contain("\"key\":\"k\""));
        await Eventually.IsTrueAsync(async () => (await nodes.Here.PostWithKeyAsync("/api/map_read_stream", """{"channel":"board:a","limit":10}""")).Body.Contains("\"removed\":true", StringComparison.Ordinal));
        Assert.That((await nodes.There.PostWithKeyAsync("/api/map_stats", """{"channel":"board:a"}""")).Body, Is.EqualTo("""{"result":{}}"""));
    }
}
