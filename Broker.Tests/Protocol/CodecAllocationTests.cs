using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Protocol;

internal sealed class CodecAllocationTests
{
    [TestCase("{\"id\":12,\"publish\":{\"channel\":\"agent.researcher.findings\",\"data\":{\"text\":\"h\\u00e9llo\",\"n\":[1,2,3]}}}")]
    [TestCase("{\"id\":12,\"subscribe\":{\"channel\":\"public.townsquare\",\"flag\":1}}")]
    [TestCase("{\"id\":1,\"connect\":{\"token\":\"eyJhbGciOiJIUzI1NiJ9.e30.c2ln\"}}")]
    [TestCase("{}")]
    public void A_typical_command_costs_no_memory(string json)
    {
        ReadOnlyMemory<byte> utf8 = json.Utf8();

        var perCall = Allocations.PerCall(() => JsonCommandReader.TryRead(utf8, out _));

        Assert.That(perCall, Is.Zero);
    }
}
