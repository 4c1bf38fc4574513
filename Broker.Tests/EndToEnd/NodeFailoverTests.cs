using System.Diagnostics;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Two nodes, programs of their own, whose Redis is killed and replaced by its replica.</summary>
public sealed class NodeFailoverTests
{
    private static readonly TimeSpan BackBound = TimeSpan.FromSeconds(5);

    // On a machine that runs all tests in parallel, everything takes longer.
    private const int Busy = 4;

    [Test]
    public async Task The_replica_that_the_Sentinels_choose_continues_for_a_killed_primary()
    {
        await using var sentinels = await RunningSentinels.StartAsync(count: 3);
        var address = sentinels.Address;
        var url = $"redis+sentinel://{address.Endpoints[0]}?master={address.MasterName}{string.Concat(address.Endpoints.Skip(1).Select(sentinel => $"&addr={sentinel}"))}";
        await using var fleet = await RunningFleet.StartAsync([url, url]);

        // The replica may lack publications that the primary has acknowledged just before it dies: docs/explanation/many-nodes.md
        await Task.WhenAll(fleet.Publishers.Select(publisher => publisher.PauseAsync()));
        await sentinels.Primary.AwaitReplicationAsync();
        await sentinels.Primary.KillAsync();
        foreach (var publisher in fleet.Publishers)
        {
            publisher.GoOn();
        }

        var sick = await Task.WhenAll(fleet.Nodes.Select(node => RunningFleet.AwaitHealthAsync(node, 503)));
        var chosen = await sentinels.AwaitReplicaAsPrimaryAsync();
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(fleet.Nodes.Select(node => RunningFleet.AwaitHealthAsync(node, 200)));
        await fleet.AwaitDeliveryAsync([.. fleet.Nodes]);
        var back = Stopwatch.GetElapsedTime(begun);

        await fleet.VerifyAsync();
        await TestContext.Out.WriteLineAsync(
            $"failover: /health 503 after {sick.Max().TotalMilliseconds:F0} ms, the replica was chosen {chosen.TotalMilliseconds:F0} ms later, all delivered {back.TotalMilliseconds:F0} ms after that. {fleet.Describe()}");
        Assert.That(back, Is.LessThan(Busy * BackBound));
    }
}
