using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The program that reads the queues of clouds, killed in the middle.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class KilledQueuesTests : IDisposable
{
    private const int Messages = 1_000;
    private const int Kills = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("google_pub_sub")]
    [TestCase("aws_sqs")]
    [TestCase("azure_service_bus")]
    public async Task Every_message_is_published_at_least_once_and_in_its_order_though_the_broker_is_killed(string type)
    {
        await using var queue = await StartQueueAsync(type);
        await using var redis = RedisDatabase.Take();
        await using var observer = await ConsumingBroker.StartObserverAsync(redis.Address);
        queue.PublishNumbers(0, Messages);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var broker = Start(queue, redis.Url);
            var wanted = Messages * kill / (Kills + 1);
            await Eventually.IsTrueAsync(async () => await PublishedAsync(observer) >= wanted, "nothing is published", Patience);
            await broker.KillAsync();
            Assert.That(queue.Waiting, Is.Positive, "It was killed too late.");
        }

        await using var last = Start(queue, redis.Url);
        await queue.IsDoneAsync(Patience);

        var repeated = 0;
        for (var key = 0; key < TestQueue.Keys; key++)
        {
            var published = await observer.NumbersAsync(TestQueue.ChannelOf(key));
            var firsts = published.Distinct().ToArray();
            repeated += published.Length - firsts.Length;
            Assert.That(firsts, Is.EqualTo(TestQueue.NumbersOf(key, Messages)));
        }

        await TestContext.Out.WriteLineAsync($"{type}: {Messages} messages, {Kills} kills: {repeated} published again");
    }

    private static async Task<ITestQueue> StartQueueAsync(string type)
    {
        switch (type)
        {
            case "google_pub_sub":
                var pubSub = await RunningPubSub.StartAsync();
                pubSub.Second = TimeSpan.FromMilliseconds(20);
                return pubSub;
            case "azure_service_bus":
                return await RunningServiceBus.StartAsync();
            default:
                return await RunningSqs.StartAsync();
        }
    }

    private RunningProcess Start(ITestQueue queue, string redis) => QueuesProgram.Start(
        _folder.Path,
        [],
        [
            ("REDIS_URL", redis), ("JWT_SECRET", TestToken.Secret), ("Namespaces__0__name", "chat"), ("Namespaces__0__history_size", "100000"), ("Namespaces__0__history_ttl", "1h"),
            .. queue.Settings.Select(option => ($"Consumers__orders__{option.Name}", option.Value)), .. queue.Variables,
        ]);

    private static async Task<int> PublishedAsync(RunningBroker observer) =>
        (await Task.WhenAll(Enumerable.Range(0, TestQueue.Keys).Select(key => observer.OffsetAsync(TestQueue.ChannelOf(key))))).Sum();
}
