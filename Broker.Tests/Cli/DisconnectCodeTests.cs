using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DisconnectCodeTests
{
    [TestCase(1000, false)]
    [TestCase(1006, false)]
    [TestCase(1009, false)]
    [TestCase(3001, false)]
    [TestCase(3499, false)]
    [TestCase(3500, true)]
    [TestCase(3999, true)]
    [TestCase(4000, false)]
    [TestCase(4499, false)]
    [TestCase(4500, true)]
    [TestCase(4999, true)]
    [TestCase(5000, false)]
    public void Only_some_close_codes_are_final(int code, bool terminal)
    {
        Assert.That(DisconnectCode.IsTerminal(code), Is.EqualTo(terminal));
    }

    [TestCase(3u, false, true)]
    [TestCase(100u, true, true)]
    [TestCase(100u, false, false)]
    [TestCase(109u, false, true)]
    [TestCase(403u, false, false)]
    public void Some_errors_pass_by_themselves(uint code, bool temporary, bool mayRetry)
    {
        Assert.That(DisconnectCode.MayRetry(code, temporary), Is.EqualTo(mayRetry));
    }

    [TestCase(2000u, false)]
    [TestCase(2499u, false)]
    [TestCase(2500u, true)]
    public void From_2500_on_the_server_wants_a_new_subscription(uint code, bool resubscribe)
    {
        Assert.That(DisconnectCode.IsResubscribe(code), Is.EqualTo(resubscribe));
    }
}
