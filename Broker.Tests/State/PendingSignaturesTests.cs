using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.State;

internal sealed class PendingSignaturesTests
{
    [Test]
    public void Too_many_signatures_replace_the_oldest_ones_and_use_no_more_memory()
    {
        var signatures = new PendingSignatures(new ManualTimeProvider());

        for (var i = 0; i <= PendingSignatures.MaxPending; i++)
        {
            signatures.Keep($"agent{i}", "claw-sig");
        }

        Assert.That(signatures.Get("agent0"), Is.Null);
        Assert.That(signatures.Get("agent1"), Is.EqualTo("claw-sig"));
        Assert.That(signatures.Get($"agent{PendingSignatures.MaxPending}"), Is.EqualTo("claw-sig"));
    }
}
