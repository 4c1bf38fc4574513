using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class HubShardAllocationTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1_000)]
    public void A_fan_out_costs_no_memory_however_many_listen(int subscribers)
    {
        var shard = new HubShard();
        var channel = TestChannel.Named("public.a");
        var frame = "{}".Utf8();
        for (var i = 0; i < subscribers; i++)
        {
            shard.Add(new CountingSubscriber().SubscribeTo(channel));
        }

        var perCall = Allocations.PerCall(() => shard.FanOut(channel, frame));

        Assert.That(perCall, Is.Zero);
    }
}
