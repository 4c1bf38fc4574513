using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>Topics of a server that speaks Kafka's protocol.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class KafkaConsumerTests : IDisposable
{
    private readonly MockKafka _server = new();

    public void Dispose() => _server.Dispose();

    private KafkaOptions Options => OptionsFor(_server);

    [Test]
    public async Task Messages_of_each_partition_are_published_in_their_order_and_committed()
    {
        _server.PublishNumbers(0, 1_000);
        await using var broker = await ConsumingBroker.StartAsync(Options);

        await HasAllAsync(broker, 1_000);
        await IsDoneAsync(1_000);
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task A_full_queue_waits_and_loses_nothing(int size)
    {
        _server.PublishNumbers(0, 400);
        await using var broker = await ConsumingBroker.StartAsync(Options with { QueueSize = size });

        await HasAllAsync(broker, 400);
        await IsDoneAsync(400);
    }

    [Test]
    public async Task Data_is_published_to_the_channels_that_the_headers_name()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Form = new() { IsPublication = true } });
        for (var n = 1; n <= 2; n++)
        {
            _server.Publish(0, $$"""{"n":{{n}}}""", ("centrifugo-channels", "chat:0,chat:1"), ("centrifugo-channels", "chat:2"), ("centrifugo-idempotency-key", "same"), ("centrifugo-tag-kind", "news"));
        }

        _server.Publish(0, """{"n":3}""", ("centrifugo-channels", "chat:0,chat:1"));
        var publications = await Eventually.GetAsync(() => broker.HistoryAsync("chat:1"), all => all.Length == 2);

        Assert.That(publications.Select(one => one.GetProperty("data").ToString()), Is.EqualTo(new[] { """{"n":1}""", """{"n":3}""" }));
        Assert.That(publications[0].GetProperty("tags").ToString(), Is.EqualTo("""{"kind":"news"}"""));
        Assert.That(await broker.HistoryAsync("chat:2"), Is.Empty);
    }

    [Test]
    public async Task Messages_that_say_nothing_are_logged_skipped_and_committed()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        _server.Publish(0, "[]");
        _server.Publish(0, null);
        _server.Publish(0, """{"method":"publish","payload":{"channel":"chat:0","data":{"n":1}}}""");

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        await IsDoneAsync(3);
        Assert.That(broker.Warnings, Has.One.StartsWith("A message of the queue orders was skipped (commands 0 0): the payload is not an object with a method and a payload."));
        Assert.That(broker.Warnings, Has.One.StartsWith("A message of the queue orders was skipped (commands 0 1): "));
    }

    [Test]
    public async Task Nodes_that_come_and_go_share_the_partitions_and_leave_nothing_out()
    {
        await using var fleet = RedisDatabase.Take();
        await using var first = await ConsumingBroker.StartAsync(Options, fleet.Address);
        _server.PublishNumbers(0, 2_000);
        await Eventually.IsTrueAsync(() => first.Processed() > 0);
        await using var second = await ConsumingBroker.StartAsync(Options, fleet.Address);
        var sent = 2_000;
        await Eventually.IsTrueAsync(
            async () =>
            {
                _server.PublishNumbers(sent, 100);
                sent += 100;
                await Eventually.IsTrueAsync(() => first.Processed() + second.Processed() >= sent, "messages wait");
                return second.Processed() > 100;
            },
            "the second node gets no partition");
        await first.StopAsync();
        _server.PublishNumbers(sent, 1_000);

        await IsDoneAsync(sent + 1_000);
        var repeated = 0;
        for (var partition = 0; partition < MockKafka.Partitions; partition++)
        {
            var published = await second.NumbersAsync($"chat:{partition}");
            var firsts = published.Distinct().ToArray();
            repeated += published.Length - firsts.Length;
            Assert.That(firsts, Is.EqualTo(Enumerable.Range(0, firsts.Length).Select(i => partition + (i * MockKafka.Partitions))));
            Assert.That(firsts, Has.Length.EqualTo((sent + 1_000) / MockKafka.Partitions));
        }

        await TestContext.Out.WriteLineAsync($"{sent + 1_000} messages: {repeated} published again");
    }

    [Test]
    public async Task A_message_whose_command_fails_now_keeps_its_place_until_it_succeeds_while_its_partition_is_paused()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(Options with { QueueSize = 4 }, redis.Address());
        await redis.StopAsync();
        _server.PublishNumbers(0, 40);
        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.StartsWith("A command of the queue orders failed (commands ", StringComparison.Ordinal)));
        await redis.ContinueAsync();
        await IsDoneAsync(40);

        // One that was without an answer may have been carried out, too.
        Assert.That((await broker.NumbersAsync("chat:1")).Distinct(), Is.EqualTo(Enumerable.Range(0, 10).Select(i => 1 + (4 * i))));
    }

    [Test]
    public async Task A_server_that_is_away_is_named_and_the_reader_comes_back_with_it()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        _server.Stop();
        await Eventually.IsTrueAsync(async () => !await broker.IsOkAsync("orders"));
        _server.Continue();
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        _server.PublishNumbers(0, 4);

        await HasAllAsync(broker, 4);
        Assert.That(broker.Warnings, Has.One.StartsWith("The queue orders (kafka) is away: "));
    }

    [Test]
    public async Task A_topic_that_is_made_after_the_start_is_read()
    {
        using var server = new MockKafka(hasTopic: false);
        await using var broker = await ConsumingBroker.StartAsync(OptionsFor(server));
        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.StartsWith("The queue orders (kafka) is away: topic commands: ", StringComparison.Ordinal)));
        server.MakeTopic();
        server.PublishNumbers(0, 4);

        await HasAllAsync(broker, 4);
    }

    [Test]
    public async Task An_option_that_the_client_refuses_is_named()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Tls = new("/missing.pem", null, null, null, SkipsVerification: false) });

        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.StartsWith("The queue orders (kafka) is away: ", StringComparison.Ordinal) && line.Contains("ssl.ca.location", StringComparison.Ordinal)));
    }

    [Test]
    public async Task The_reason_of_a_connection_that_fails_is_in_the_log()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Brokers = [$"127.0.0.1:{RunningRedis.FreePort()}"] });

        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.StartsWith("The queue orders (kafka) is away: 127.0.0.1:", StringComparison.Ordinal) && line.Contains("Connection refused", StringComparison.Ordinal)));
    }

    private static KafkaOptions OptionsFor(MockKafka server) => new("orders", [server.Address], [MockKafka.Topic], MockKafka.Group) { Form = new() { Method = "centrifugo-method" } };

    // Each number once, in the order of its partition.
    private static async Task HasAllAsync(RunningBroker broker, int count)
    {
        for (var partition = 0; partition < MockKafka.Partitions; partition++)
        {
            var expected = Enumerable.Range(0, count).Where(n => n % MockKafka.Partitions == partition).ToArray();
            Assert.That(await broker.AwaitNumbersAsync(expected.Length, $"chat:{partition}"), Is.EqualTo(expected));
        }
    }

    private Task<TimeSpan> IsDoneAsync(int count) => Eventually.IsTrueAsync(() => _server.Committed() == count, "messages stay uncommitted");
}
