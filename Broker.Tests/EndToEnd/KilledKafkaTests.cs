using System.Diagnostics;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The program that reads Kafka: killed in the middle, and measured.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class KilledKafkaTests : IDisposable
{
    // A group waits ten seconds for a member that was killed.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly MockKafka _server = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [TestCase(10_000, 1)]
    [TestCase(10_000, 6, Category = "Slow")]
    public async Task Every_message_is_published_at_least_once_and_in_its_order_though_the_broker_is_killed(int messages, int kills)
    {
        await using var redis = RedisDatabase.Take();
        await using var observer = await ConsumingBroker.StartObserverAsync(redis.Address);
        _server.PublishNumbers(0, messages);
        var killedInBetween = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            await using var broker = Start(redis.Url);
            var wanted = messages * kill / (kills + 1);
            await Eventually.IsTrueAsync(async () => await PublishedAsync(observer) >= wanted, "nothing is published", Patience);
            await broker.KillAsync();
            killedInBetween += _server.Committed() < messages ? 1 : 0;
        }

        await using var last = Start(redis.Url);
        await Eventually.IsTrueAsync(() => Task.FromResult(_server.Committed() == messages), "messages stay uncommitted", Patience);

        var repeated = 0;
        for (var partition = 0; partition < MockKafka.Partitions; partition++)
        {
            var published = await observer.NumbersAsync($"chat:{partition}");
            var firsts = published.Distinct().ToArray();
            repeated += published.Length - firsts.Length;
            Assert.That(firsts, Is.EqualTo(Enumerable.Range(0, messages / MockKafka.Partitions).Select(i => partition + (i * MockKafka.Partitions))));
        }

        Assert.That(killedInBetween, Is.Positive, "It was killed too late.");
        await TestContext.Out.WriteLineAsync($"{messages} messages, {kills} kills, {killedInBetween} of them in between: {repeated} published again");
    }

    [Test]
    [Category("Slow")]
    [NonParallelizable] // It measures.
    public async Task Topics_are_read_at_the_rate_of_the_docs()
    {
        const int messages = 200_000;
        _server.PublishNumbers(0, messages);
        await using var broker = Start(redis: null);
        await Eventually.IsTrueAsync(() => Task.FromResult(_server.Committed() > 0), "nothing is committed", Patience);
        var (begun, before) = (Stopwatch.GetTimestamp(), _server.Committed());
        await Eventually.IsTrueAsync(() => Task.FromResult(_server.Committed() == messages), "messages stay uncommitted", Patience);
        var rate = (messages - before) / Stopwatch.GetElapsedTime(begun).TotalSeconds;

        await TestContext.Out.WriteLineAsync($"{MockKafka.Partitions} partitions: {rate:N0} messages/s");

        // A busy machine is many times slower than a quiet one.
        Assert.That(rate, Is.GreaterThan(2_000));
    }

    [Test]
    public async Task Another_program_of_the_broker_names_this_one_and_does_not_start()
    {
        await using var broker = BrokerProgram.Start(_folder.Path, [], Settings);

        Assert.That(await broker.WaitForExitAsync(), Is.EqualTo(78));
        Assert.That(await broker.ReadErrorsAsync(), Is.EqualTo(
            "clawevents-broker: Consumers:orders:type: this program does not read kafka. Run clawevents-broker-queues instead (docs/how-to/publish-from-a-queue.md), or switch the queue off. "
            + "Example: Consumers:orders:enabled=false\n"));
    }

    [TestCase("kafka", 0)]
    [TestCase("kafak", 1)]
    public async Task This_program_has_the_commands_of_the_others_and_checks_such_a_queue(string type, int exitCode)
    {
        await using var check = QueuesProgram.Start(_folder.Path, ["checkconfig"], [.. Settings, ("Consumers__orders__type", type)]);

        Assert.That(await check.WaitForExitAsync(), Is.EqualTo(exitCode), await check.ReadErrorsAsync());
    }

    private RunningProcess Start(string? redis) => QueuesProgram.Start(
        _folder.Path,
        [],
        [.. redis is null ? [] : new[] { ("REDIS_URL", redis), ("Namespaces__0__history_size", "100000"), ("Namespaces__0__history_ttl", "1h") }, .. Settings]);

    private (string Name, string Value)[] Settings =>
    [
        ("JWT_SECRET", TestToken.Secret),
        ("Namespaces__0__name", "chat"),
        ("Consumers__orders__type", "kafka"), ("Consumers__orders__brokers", _server.Address), ("Consumers__orders__topics", MockKafka.Topic), ("Consumers__orders__consumer_group", MockKafka.Group),
    ];

    private static async Task<int> PublishedAsync(RunningBroker observer) =>
        (await Task.WhenAll(Enumerable.Range(0, MockKafka.Partitions).Select(partition => observer.OffsetAsync($"chat:{partition}")))).Sum();
}
