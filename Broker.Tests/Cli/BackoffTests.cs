using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BackoffTests
{
    [Test]
    public void The_range_doubles_up_to_twenty_seconds()
    {
        var backoff = new Backoff(() => 0.5);

        var waits = Enumerable.Range(0, 9).Select(_ => backoff.Next().TotalMilliseconds).ToArray();

        Assert.That(waits, Is.EqualTo(new double[] { 750, 1_000, 1_500, 2_500, 4_500, 8_500, 10_500, 10_500, 10_500 }));
    }

    [TestCase(0.0)]
    [TestCase(0.999)]
    public void Every_wait_is_between_half_a_second_and_twenty(double random)
    {
        var backoff = new Backoff(() => random);

        var waits = Enumerable.Range(0, 2_000).Select(_ => backoff.Next()).ToArray();

        Assert.That(waits, Has.All.InRange(Backoff.Least, Backoff.Most));
    }

    [Test]
    public void A_success_starts_from_the_shortest_range_again()
    {
        var backoff = new Backoff(() => 0.5);
        backoff.Next();
        backoff.Next();

        backoff.Reset();

        Assert.That(backoff.Next().TotalMilliseconds, Is.EqualTo(750));
    }
}
