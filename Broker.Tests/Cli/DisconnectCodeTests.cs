using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DisconnectCodeTests
{
    [TestCase(1000, nameof(StreamEndKind.Lost))]
    [TestCase(1006, nameof(StreamEndKind.Lost))]
    [TestCase(1009, nameof(StreamEndKind.Lost))]
    [TestCase(3001, nameof(StreamEndKind.Lost))]
    [TestCase(3005, nameof(StreamEndKind.Lost))]
    [TestCase(3499, nameof(StreamEndKind.Lost))]
    [TestCase(3500, nameof(StreamEndKind.TokenInvalid))]
    [TestCase(3501, nameof(StreamEndKind.Terminal))]
    [TestCase(3507, nameof(StreamEndKind.TokenInvalid))]
    [TestCase(3999, nameof(StreamEndKind.Terminal))]
    [TestCase(4000, nameof(StreamEndKind.Lost))]
    [TestCase(4499, nameof(StreamEndKind.Lost))]
    [TestCase(4500, nameof(StreamEndKind.Terminal))]
    [TestCase(4999, nameof(StreamEndKind.Terminal))]
    [TestCase(5000, nameof(StreamEndKind.Lost))]
    public void Only_some_close_codes_are_final(int code, string kind)
    {
        Assert.That(DisconnectCode.EndOfClose(code).ToString(), Is.EqualTo(kind));
    }

    [TestCase(3u, false, nameof(StreamEndKind.Lost))]
    [TestCase(100u, true, nameof(StreamEndKind.Lost))]
    [TestCase(100u, false, nameof(StreamEndKind.Terminal))]
    [TestCase(101u, false, nameof(StreamEndKind.TokenInvalid))]
    [TestCase(103u, false, nameof(StreamEndKind.TokenInvalid))]
    [TestCase(109u, false, nameof(StreamEndKind.TokenExpired))]
    [TestCase(110u, false, nameof(StreamEndKind.TokenExpired))]
    [TestCase(403u, false, nameof(StreamEndKind.Terminal))]
    public void Some_refused_connects_are_tried_again(uint code, bool temporary, string kind)
    {
        Assert.That(DisconnectCode.EndOfConnect(code, temporary).ToString(), Is.EqualTo(kind));
    }

    [TestCase(3u, false, true)]
    [TestCase(100u, true, true)]
    [TestCase(100u, false, false)]
    [TestCase(109u, false, true)]
    [TestCase(403u, false, false)]
    public void Some_errors_are_temporary(uint code, bool temporary, bool mayRetry)
    {
        Assert.That(DisconnectCode.MayRetry(code, temporary), Is.EqualTo(mayRetry));
    }

    [TestCase(2500L, false)]
    [TestCase(2502L, true)]
    [TestCase(3010L, false)]
    [TestCase(3014L, true)]
    public void Two_codes_invalidate_positions_in_histories(long code, bool loses)
    {
        Assert.That(DisconnectCode.LosesPositions(code), Is.EqualTo(loses));
    }

    [TestCase(2000u, false)]
    [TestCase(2499u, false)]
    [TestCase(2500u, true)]
    public void Codes_from_2500_on_ask_for_a_new_subscription(uint code, bool resubscribe)
    {
        Assert.That(DisconnectCode.IsResubscribe(code), Is.EqualTo(resubscribe));
    }
}
