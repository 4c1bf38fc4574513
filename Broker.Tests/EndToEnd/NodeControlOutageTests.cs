using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Orders on a node that cannot reach the others.</summary>
public sealed class NodeControlOutageTests
{
    [Test]
    public async Task During_an_outage_the_caller_learns_that_other_nodes_were_not_reached()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await RunningBroker.StartAsync(options => options with { State = options.State with { Redis = [redis.Address()] }, Identity = options.Identity with { JwtSecret = TestToken.Secret } });
        var client = await broker.ConnectAsync(TestToken.Of("""{"sub":"42"}"""));
        await using var stream = await RunningStream.ConnectAsync(broker);
        await redis.KillAsync();

        var answer = await broker.PostWithKeyAsync("/api/disconnect", """{"user":"42"}""");
        var nodes = await broker.PostWithKeyAsync("/api/info", "{}");
        var relayed = await stream.SayAsync("{}", node: Guid.NewGuid().ToString());

        Assert.That(answer.Status, Is.EqualTo(503));
        Assert.That((await client.ReadCloseAsync()).Code, Is.EqualTo(3503), "The local part was done.");
        Assert.That(nodes.Body, Does.StartWith("""{"result":{"nodes":[{"uid":"""), "This node is listed.");
        Assert.That(relayed, Is.EqualTo(503));
        Assert.That(broker.Errors, Is.Empty);
    }
}
