using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Transport;

/// <summary>Work that fails on a reactor is counted, and the reactor goes on.</summary>
[Platform("Linux")]
internal sealed class ReactorFaultsTests
{
    [Test]
    public async Task Work_that_fails_is_counted_and_the_work_behind_it_is_done()
    {
        using var rig = new BrokerRig();
        var reactors = rig.Get<ReactorPool>();
        using var export = new PrometheusExport(rig.Get<BrokerMetrics>());
        rig.Get<NodeGauges>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var reactor = reactors.Start()[0];
        reactor.Post(() => throw new InvalidOperationException("a bug"));
        reactor.Post(done.SetResult);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(reactors.Faults, Is.EqualTo(1));
        Assert.That(export.Write(), Does.Contain("\nclawevents_reactor_faults_total 1\n"));
    }
}
