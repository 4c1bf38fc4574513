using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>One node that starts before all others: the first connection of the client library takes half a second of compiling, longer than commands wait on a busy machine.</summary>
[SetUpFixture]
internal sealed class WarmedUp
{
    [OneTimeSetUp]
    public async Task ConnectOnce()
    {
        await using var node = new RunningNode(SharedRedis.Server.Address());
        await Eventually.IsTrueAsync(async () => await node.Bus.FindFaultAsync() is null);
        await node.PublishAsync(TestChannel.Named("public.first"), "x");
    }
}
