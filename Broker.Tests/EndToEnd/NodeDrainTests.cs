using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Three nodes, programs of their own on one Redis, of which one stops while all publish.</summary>
public sealed class NodeDrainTests
{
    [Test]
    public async Task A_node_that_stops_loses_nothing_for_clients_that_recover()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var fleet = await RunningFleet.StartAsync([redis.Url(), redis.Url(), redis.Url()], ("DrainDelaySeconds", "3600"));
        var leaving = fleet.Nodes[0];
        await using var late = await RunningWebSocket.OpenAsync(leaving.Url);

        fleet.LeadClientsTo(fleet.Nodes[1]);
        await leaving.TerminateAsync();
        await leaving.ReadLineWithAsync("Draining: not ready. In 3600 s");

        // Not ready, but it still accepts: a load balancer may not have noticed.
        Assert.That(await StatusAsync(leaving, "/health/ready"), Is.EqualTo(503));
        await late.UpgradeAsync(leaving.Url);
        await leaving.TerminateAsync();
        await leaving.ReadLineWithAsync("Drained: ");
        Assert.That(await late.ReadCloseAsync(), Is.EqualTo((3001, "shutdown")));
        Assert.That(await leaving.WaitForExitAsync(), Is.Zero);
        await Eventually.IsTrueAsync(() => fleet.Clients.All(client => client.Channels.All(channel => channel.State is FollowingState.Subscribed)), "not all are back");
        await fleet.VerifyAsync(gone: leaving);
        await TestContext.Out.WriteLineAsync(fleet.Describe());
    }

    private static async Task<int> StatusAsync(NodeProgram node, string path)
    {
        using var answer = await node.Http.GetAsync(new Uri(path, UriKind.Relative));
        return (int)answer.StatusCode;
    }
}
