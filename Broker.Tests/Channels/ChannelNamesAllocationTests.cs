using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Channels;

internal sealed class ChannelNamesAllocationTests
{
    [Test]
    public void A_name_seen_lately_costs_no_memory()
    {
        var names = new ChannelNames(ChannelNames.MaxBytes);

        var ofBytes = Allocations.PerCall(() => names.TryGet("agent.researcher.findings"u8, out _));
        var ofText = Allocations.PerCall(() => names.TryGet("agent.researcher.findings", out _));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ofBytes, Is.Zero);
            Assert.That(ofText, Is.Zero);
        }
    }

    [Test]
    public void A_new_name_is_parsed_which_the_measure_sees()
    {
        var perCall = Allocations.PerCall(() => _ = ChannelName.TryParse("agent.researcher.findings", out _));

        Assert.That(perCall, Is.GreaterThan(0));
    }
}
