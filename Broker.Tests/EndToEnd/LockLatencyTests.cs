using System.Diagnostics;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The time until subscribers on another node that lost the right to listen receive nothing more.</summary>
[NonParallelizable]
public sealed class LockLatencyTests
{
    private const string Channel = """{"channel":"agent.alice.x"}""";
    private const string Grant = """{"channel":"agent.alice.x","target":"bob"}""";

    [TestCase(20)]
    [TestCase(200, Category = "Slow")]
    public async Task A_lock_or_revoke_removes_subscribers_on_the_other_node_within_a_second(int tries)
    {
        await using var nodes = await TwoNodes.StartAsync();
        var alice = await nodes.Here.RegisterAsync("alice");
        var bob = await nodes.There.ConnectAsync(await nodes.There.RegisterAsync("bob"));
        var took = new List<TimeSpan>();

        for (var i = 0; i < tries; i++)
        {
            // Alternating: an open channel is locked, and a grant of a locked one is revoked.
            var isLock = i % 2 == 0;
            await nodes.Here.PostAsync(isLock ? "/api/unlock" : "/api/grant", isLock ? Channel : Grant, alice);
            await Eventually.IsTrueAsync(async () => (await bob.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""")).Contains("subscribe", StringComparison.Ordinal));

            var begun = Stopwatch.GetTimestamp();
            await nodes.Here.PostAsync(isLock ? "/api/lock" : "/api/revoke", isLock ? Channel : Grant, alice);
            var push = await bob.ReadMessageAsync();
            took.Add(Stopwatch.GetElapsedTime(begun));
            Assert.That(push, Does.Contain("\"unsubscribe\":{\"code\":2000"));
        }

        took.Sort();
        await TestContext.Out.WriteLineAsync($"p50 {took[tries / 2].TotalMilliseconds:F1} ms, p99 {took[(tries * 99 / 100) - 1].TotalMilliseconds:F1} ms, longest {took[^1].TotalMilliseconds:F1} ms");
        Assert.That(took[^1], Is.LessThan(TimeSpan.FromSeconds(1)));
    }
}
