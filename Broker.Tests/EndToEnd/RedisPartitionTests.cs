using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A network that loses every byte for a while, and closes nothing: also the bytes with which a node connects again.</summary>
internal sealed class RedisPartitionTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(12)]
    public async Task A_node_is_back_within_5_s_after_a_partition_that_swallowed_its_attempts_to_connect(int attempts)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var way = new RunningForwarder(redis.Port);
        await using var node = await RunningBroker.StartAsync(options => options with
        {
            Identity = new() { JwtSecret = TestToken.Secret },
            State = new() { Redis = [TestRedis.Address($"redis://127.0.0.1:{way.Port}")] },
        });
        var alice = await node.RegisterAsync("alice");

        way.Swallow();
        var begun = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(async () => !await CanLockAsync(node, alice) && !await CanPublishAsync(node) && way.Swallowed >= attempts);
        var lasted = Stopwatch.GetElapsedTime(begun);
        way.Release();
        begun = Stopwatch.GetTimestamp();
        var (store, bus) = (await AwaitAsync(() => CanLockAsync(node, alice), begun), await AwaitAsync(() => CanPublishAsync(node), begun));
        var healthy = await AwaitAsync(async () => (await node.SendAsync(HttpMethod.Get, "/health", null)).Status == 200, begun);

        await TestContext.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"partition of {lasted.TotalSeconds:F1} s, {way.Swallowed} connections lost: store back after {store.TotalSeconds:F1} s, bus {bus.TotalSeconds:F1} s, /health {healthy.TotalSeconds:F1} s"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(store, Is.LessThan(Bound));
            Assert.That(bus, Is.LessThan(Bound));
            Assert.That(healthy, Is.LessThan(Bound));
        }
    }

    private static async Task<TimeSpan> AwaitAsync(Func<Task<bool>> isBack, long begun)
    {
        await Eventually.IsTrueAsync(isBack, "it does not come back", TimeSpan.FromMinutes(2));
        return Stopwatch.GetElapsedTime(begun);
    }

    private static async Task<bool> CanLockAsync(RunningBroker node, string token) =>
        (await node.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", token)).Status == 200;

    private static async Task<bool> CanPublishAsync(RunningBroker node) =>
        (await node.PostWithKeyAsync("/api/publish", """{"channel":"public.a","data":1}""")).Body.StartsWith("""{"result":{""", StringComparison.Ordinal);
}
