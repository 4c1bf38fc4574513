using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RateLimitMemoryTests : IDisposable
{
    private readonly CliHome _home = new();
    private readonly StoppedClock _clock = new();

    public void Dispose() => _home.Dispose();

    [Test]
    public void A_refusal_with_a_time_is_kept_for_the_next_run_until_that_time()
    {
        var failure = Memory().RememberLimit(_clock.Milliseconds + 1_500);

        Assert.That(failure.Error, Does.StartWith("Server rate limit exceeded. You must wait 2 second(s)"));
        Assert.That(Memory().ActiveFailure()?.Error, Does.StartWith("Rate limit active. You must wait 2 second(s)"));

        _clock.Milliseconds += 1_500;
        Assert.That(Memory().ActiveFailure(), Is.Null);
    }

    [Test]
    public void A_refusal_without_a_time_is_not_kept()
    {
        var failure = Memory().RememberLimit(null);

        Assert.That(failure.Error, Is.EqualTo("Rate limit exceeded. Too many requests."));
        Assert.That(File.Exists(_home.ConfigFile), Is.False);
    }

    [Test]
    public void Another_answer_clears_the_limit()
    {
        Memory().RememberLimit(_clock.Milliseconds + 60_000);

        Memory().ClearLimit();

        Assert.That(Memory().ActiveFailure(), Is.Null);
        Assert.That(File.ReadAllText(_home.ConfigFile), Does.Not.Contain("rateLimitedUntil"));
    }

    private RateLimitMemory Memory() => new(ConfigFile.Read(_home.ConfigFile), _clock);

    private sealed class StoppedClock : TimeProvider
    {
        public long Milliseconds { get; set; } = 1_700_000_000_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);
    }
}
