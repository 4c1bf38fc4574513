using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Commands;

/// <summary>A connect and a subscribe allocate what lives as long as they do, and little besides.</summary>
internal sealed class CommandAllocationTests
{
    private static readonly byte[] Connect = ClientFrame.Text("{\"id\":1,\"connect\":{}}");
    private static readonly byte[] Subscribe = ClientFrame.Text("{\"id\":2,\"subscribe\":{\"channel\":\"public.x\"}}");
    private static readonly byte[] Unsubscribe = ClientFrame.Text("{\"id\":2,\"unsubscribe\":{\"channel\":\"public.x\"}}");

    [Test]
    public void A_subscribe_and_its_unsubscribe_allocate_at_most_720_bytes()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();

        var perCall = Allocations.PerCall(() =>
        {
            link.Send(Subscribe);
            link.Send(Unsubscribe);
            link.Discard();
        });

        Assert.That(perCall, Is.LessThanOrEqualTo(720));
    }

    [Test]
    public void A_connect_without_subscriptions_allocates_at_most_440_bytes()
    {
        using var rig = new BrokerRig();

        var opened = Allocations.PerCall(() => Open(rig).Hang());
        var connected = Allocations.PerCall(() =>
        {
            var link = Open(rig);
            link.Send(Connect);
            link.Discard();
            link.Hang();
        });

        Assert.That(connected - opened, Is.LessThanOrEqualTo(440));
    }

    private static ClientLink Open(BrokerRig rig) => new(rig);
}
