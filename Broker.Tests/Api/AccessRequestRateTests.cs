using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

public sealed class AccessRequestRateTests : RunningBrokerTests
{
    [Test]
    public async Task Access_requests_count_as_publishes_of_their_agent()
    {
        var alice = await Broker.RegisterAsync("alice");
        var bob = await Broker.RegisterAsync("bob");
        await Broker.PostAsync("/api/lock", "{\"channel\":\"agent.alice.x\"}", alice);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Broker.PostAsync("/api/request", "{\"channel\":\"agent.alice.x\"}", bob)));

        // They may fall into two windows of a second.
        Assert.That(answers.Count(answer => answer.Status == 200), Is.InRange(5, 10));
        Assert.That(answers.Where(answer => answer.Status != 200), Is.All.EqualTo(RunningAnswer.Error(429, "rate limit exceeded (5 requests per second)")));
    }
}
