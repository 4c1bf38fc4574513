using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Hub;

internal sealed class HubShardAllocationTests
{
    // {"push":{"channel":"public.a","pub":{"data":1}}} with its header, in an array.
    private const int OneFrame = 24 + 56;

    // The push itself, which reactors share.
    private const int OnePush = 152;

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1_000)]
    public void A_fan_out_costs_no_memory_however_many_listen(int subscribers)
    {
        var shard = new HubShard();
        var channel = TestChannel.Named("public.a");
        var publication = TestPush.Publication("1");
        for (var i = 0; i < subscribers; i++)
        {
            shard.Add(new CountingSubscriber().SubscribeTo(channel));
        }

        var perCall = Allocations.PerCall(() =>
        {
            var push = new ChannelPush(channel, publication);
            shard.FanOut(channel, push);
        });

        Assert.That(perCall, Is.EqualTo(subscribers == 0 ? OnePush : OnePush + OneFrame), "the push and the frame that all share, and nothing else");
    }
}
