using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Nodes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NodeRegistryTests : IAsyncDisposable
{
    private static readonly Guid Other = Guid.NewGuid();

    private readonly BrokerRig _rig = new();
    private readonly RecordingBus _bus = new();
    private readonly NodeWork _work = new(NullLogger<NodeWork>.Instance);
    private readonly NodeIdentity _identity = new();
    private readonly NodeRegistry _registry;

    public NodeRegistryTests()
    {
        var here = new LocalNodeSurvey(_identity, _rig.Connections, _rig.Hub, _rig.Time);
        _registry = new NodeRegistry(here, _bus, _work, _rig.Time, NullLogger<NodeRegistry>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _work.DisposeAsync();
        _registry.Dispose();
        _rig.Dispose();
    }

    [Test]
    public async Task A_node_reports_at_its_start_and_every_three_seconds_and_says_goodbye()
    {
        await _registry.StartAsync(default);
        for (var beats = 1; beats <= 3; beats++)
        {
            await AwaitSentAsync(beats);
            _rig.Time.Advance(NodeRegistry.BeatInterval);
        }

        await AwaitSentAsync(4);
        await _registry.StopAsync(default);
        _rig.Time.Advance(NodeRegistry.BeatInterval);

        Assert.That(_bus.ToAll.OfType<NodeBeat>().Select(beat => beat.IsFirst), Is.EqualTo(new[] { true, false, false, false }));
        Assert.That(_bus.ToAll.OfType<NodeBeat>().Select(beat => beat.Report.Id).Distinct(), Is.EqualTo(new[] { _identity.Name }));
        Assert.That(_bus.ToAll.Last(), Is.EqualTo(new NodeFarewell()));
        Assert.That(_bus.ToAll, Has.Length.EqualTo(5));
    }

    [Test]
    public async Task The_first_report_that_is_sent_after_an_outage_is_marked_as_first()
    {
        _bus.IsAway = true;
        await _registry.StartAsync(default);
        _rig.Time.Advance(NodeRegistry.BeatInterval);
        _bus.IsAway = false;

        await Eventually.IsTrueAsync(() =>
        {
            _rig.Time.Advance(NodeRegistry.BeatInterval);
            return _bus.Sent.Length >= 2;
        });

        Assert.That(_bus.ToAll.Cast<NodeBeat>().Take(2).Select(beat => beat.IsFirst), Is.EqualTo(new[] { true, false }));
        await _registry.StopAsync(default);
    }

    [Test]
    public async Task A_node_that_has_just_started_gets_the_reports_of_the_others_immediately()
    {
        _registry.OnBeat(Other, Beat(isFirst: true));
        _registry.OnBeat(Guid.NewGuid(), Beat());

        await AwaitSentAsync(1);

        Assert.That(_bus.Sent.Single().To, Is.EqualTo(Other));
        Assert.That(((NodeBeat)_bus.Sent.Single().Message).IsFirst, Is.False);
    }

    [Test]
    public void A_node_counts_as_alive_until_it_misses_three_beats()
    {
        _registry.OnBeat(Other, Beat());
        _rig.Time.Advance(NodeRegistry.BeatInterval);
        _registry.OnBeat(Other, Beat(clients: 2));
        _rig.Time.Advance(3 * NodeRegistry.BeatInterval);
        var late = _registry.Others;
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(late.Single().Value.Clients, Is.EqualTo(2));
        Assert.That(_registry.Others, Is.Empty);
    }

    [Test]
    public void A_node_that_says_goodbye_is_removed_immediately()
    {
        _registry.OnBeat(Other, Beat());

        _registry.Remove(Other);

        Assert.That(_registry.Others, Is.Empty);
    }

    [Test]
    public void The_number_of_remembered_nodes_is_bounded()
    {
        _registry.OnBeat(Other, Beat());
        for (var i = 0; i < 20_000; i++)
        {
            _registry.OnBeat(Guid.NewGuid(), Beat());
        }

        _registry.OnBeat(Other, Beat(clients: 7));

        Assert.That(_registry.Others, Has.Count.EqualTo(10_000));
        Assert.That(_registry.Others[Other].Clients, Is.EqualTo(7));
    }

    private static NodeBeat Beat(bool isFirst = false, int clients = 1) =>
        new(new NodeReport(Other.ToString(), "host", "1", clients, 1, 1, 1, TimeSpan.Zero, 0, 0), isFirst);

    private Task<TimeSpan> AwaitSentAsync(int count) => Eventually.IsTrueAsync(() => _bus.Sent.Length == count);
}
