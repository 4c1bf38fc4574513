using ClawEvents.Cli.Streams;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BackoffTests
{
    private const int Restart = 30;

    [Test]
    public void The_range_doubles_to_two_seconds_and_after_a_while_to_twenty()
    {
        var backoff = new Backoff(() => 0.5);

        var waits = Enumerable.Range(0, Restart + 6).Select(_ => backoff.Next().TotalMilliseconds).ToArray();

        Assert.That(waits[..3], Is.EqualTo(new double[] { 750, 1_250, 1_250 }));
        Assert.That(waits[(Restart - 1)..], Is.EqualTo(new double[] { 1_250, 2_250, 4_250, 8_250, 10_250, 10_250, 10_250 }));
    }

    [TestCase(0.0)]
    [TestCase(0.999)]
    public void Every_wait_is_between_half_a_second_and_its_limit(double random)
    {
        var backoff = new Backoff(() => random);

        var waits = Enumerable.Range(0, 2_000).Select(_ => backoff.Next()).ToArray();

        Assert.That(waits[..Restart], Has.All.InRange(Backoff.Least, Backoff.MostAtFirst));
        Assert.That(waits[Restart..], Has.All.InRange(Backoff.Least, Backoff.Most));
    }

    [Test]
    public void A_success_starts_from_the_shortest_range_again()
    {
        var backoff = new Backoff(() => 0.5);
        for (var i = 0; i <= Restart; i++)
        {
            backoff.Next();
        }

        backoff.Reset();

        Assert.That(backoff.Next().TotalMilliseconds, Is.EqualTo(750));
        Assert.That(backoff.Next().TotalMilliseconds, Is.EqualTo(1_250));
    }
}
