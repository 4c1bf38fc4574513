using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>Two fleets of nodes on one server.</summary>
internal sealed class RedisFleetsTests
{
    private readonly ChannelName _channel = TestChannel.Named("public.x");

    [Test]
    public async Task Fleets_with_different_databases_do_not_receive_each_others_messages()
    {
        await using var database = RedisDatabase.Take();
        await using var here = new RunningNode(database.Address);
        await using var there = new RunningNode(database.Address);
        await using var stranger = new RunningNode(SharedRedis.Server.Address(SharedRedis.NextDatabase()));
        await stranger.Bus.SubscribeAsync(_channel);
        await here.Bus.SubscribeAsync(_channel);

        await stranger.PublishAsync(_channel, "theirs");
        await stranger.Bus.SendAsync(new NodeFarewell());
        await there.PublishAsync(_channel, "ours");
        await here.Deliveries.WaitForAsync(1);

        Assert.That(here.Deliveries.Deliveries.Single().Data, Is.EqualTo("ours"));
        Assert.That(here.Orders.Orders, Is.Empty);
    }
}
