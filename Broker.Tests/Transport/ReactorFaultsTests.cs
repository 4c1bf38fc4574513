using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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
        using var metrics = new MetricsReader(rig.Get<BrokerMetrics>());
        rig.Get<NodeGauges>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var reactor = reactors.Start()[0];
        reactor.Post(() => throw new InvalidOperationException("a bug"));
        reactor.Post(done.SetResult);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(reactors.Faults, Is.EqualTo(1));
        Assert.That(metrics.Read(), Does.Contain("\nclawevents_reactor_faults_total{} 1\n"));
    }

    [Test]
    public async Task A_reactor_that_cannot_go_on_says_so_and_serves_nobody_any_more()
    {
        var death = new TaskCompletionSource<(int Index, Exception Why)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new SocketGate(new SocketLimits(100), TimeProvider.System, new LimitHits(), NullLogger<SocketGate>.Instance);

        // Not even the log of a failure works: nothing is left that could go on.
        using var pool = new ReactorPool(new ReactorSettings(
            2, 64 * 1024, gate, TimeProvider.System, new BrokenLogger(), (index, why) => death.TrySetResult((index, why))));
        var reactors = pool.Start();
        reactors[1].Post(() => throw new InvalidOperationException("a bug"));
        var (index, why) = await death.Task.WaitAsync(RunningBroker.Patience);
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reactors[0].Post(other.SetResult);

        Assert.That((index, why.Message), Is.EqualTo((1, "the disk is full")));
        await other.Task.WaitAsync(RunningBroker.Patience);
    }

    private sealed class BrokenLogger : ILogger<Reactor>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("the disk is full");
    }
}
