using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Nodes;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Nodes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BusConnectionControlTests
{
    private static readonly ConnectionFilter Whom = new("alice", "client", "session");

    private readonly RecordingConnectionControl _here = new();
    private readonly RecordingBus _bus = new();
    private readonly BusConnectionControl _control;

    public BusConnectionControlTests() => _control = new(_here, _bus);

    private static IEnumerable<ConnectionOrder> Orders() =>
    [
        new SubscribeOrder(new("chat:a")),
        new UnsubscribeOrder("chat:a", UnsubscribeCode.ServerUnsubscribe),
        new DisconnectOrder(DisconnectCode.ForceDisconnect, []),
        new RefreshOrder(DateTimeOffset.MaxValue, default),
    ];

    [TestCaseSource(nameof(Orders))]
    public async Task An_order_is_carried_out_here_and_sent_to_the_other_nodes(ConnectionOrder order)
    {
        _bus.OnSent = _ => Assert.That(_here.Orders, Has.Count.EqualTo(1), "First here.");

        await _control.CarryOutAsync(Whom, order);

        Assert.That(_here.Orders, Is.EqualTo(new[] { (Whom, (object)order) }));
        Assert.That(_bus.Sent, Is.EqualTo(new[] { ((Guid?)null, (NodeMessage)new NodeOrder(Whom, order)) }));
    }

    [TestCaseSource(nameof(Orders))]
    public void The_caller_learns_when_the_other_nodes_could_not_be_reached(ConnectionOrder order)
    {
        _bus.IsAway = true;

        Assert.That(() => _control.CarryOutAsync(Whom, order).AsTask(), Throws.TypeOf<StoreUnavailableException>());
        Assert.That(_here.Orders, Has.Count.EqualTo(1));
    }
}
