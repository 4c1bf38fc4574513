using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>An outbox of a real PostgreSQL.</summary>
internal sealed class OutboxTests
{
    private readonly string _table = SharedPostgres.NextTable();

    private static RunningPostgres Server => SharedPostgres.Server;

    [TestCase("jsonb")]
    [TestCase("json")]
    [TestCase("text")]
    public async Task Rows_are_published_in_their_order_and_deleted(string payloadType)
    {
        await Server.MakeOutboxAsync(_table, payloadType);
        await Server.PublishAsync(_table, rows: 250);
        await using var broker = await ConsumingBroker.StartAsync(Outbox());

        Assert.That(await broker.AwaitNumbersAsync(250), Is.EqualTo(Enumerable.Range(1, 250)));
        await IsEmptyAsync();
    }

    [Test]
    public async Task A_payload_may_be_bytes()
    {
        await Server.MakeOutboxAsync(_table, "bytea");
        await Server.RunAsync($$$"""INSERT INTO {{{_table}}} (method, payload) VALUES ('broadcast', convert_to('{"channels":["chat:0","chat:1"],"data":{"n":7}}', 'UTF8'))""");
        await using var broker = await ConsumingBroker.StartAsync(Outbox());

        Assert.That(await broker.AwaitNumbersAsync(1, "chat:1"), Is.EqualTo(new[] { 7 }));
        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 7 }));
    }

    [TestCase("nonsense", """{"channel":"chat:0","data":{"n":0}}""", "there is no such method")]
    [TestCase("publish", """{"channel":17,"data":{"n":0}}""", "a parameter has the wrong type")]
    [TestCase("publish", """{"channel":"chat:0"}""", "bad request: data, or b64data in base64, is needed")]
    [TestCase("publish", """{"channel":"nowhere:0","data":{"n":0}}""", "unknown channel")]
    [TestCase("publish", "not JSON", "the payload is not JSON, or nested too deep")]
    public async Task A_row_that_can_never_be_carried_out_is_logged_and_skipped(string method, string payload, string problem)
    {
        await Server.MakeOutboxAsync(_table, "text");
        await using var broker = await ConsumingBroker.StartAsync(Outbox());
        await Server.RunAsync($"INSERT INTO {_table} (method, payload) VALUES ('{method}', '{payload}')");
        await Server.PublishAsync(_table, rows: 2);

        Assert.That(await broker.AwaitNumbersAsync(2), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(broker.Warnings.Where(line => line.Contains("skipped", StringComparison.Ordinal)).Select(line => line.TrimEnd()), Is.EqualTo(new[] { $"A message of the queue orders was skipped (row 1): {problem}." }));
        await IsEmptyAsync();
    }

    [Test]
    public async Task A_row_that_is_too_long_is_skipped()
    {
        await Server.MakeOutboxAsync(_table, "text");
        await Server.RunAsync($"INSERT INTO {_table} (method, payload) VALUES ('publish', repeat('x', 1024 * 1024 + 1))");
        await Server.PublishAsync(_table, rows: 1);
        await using var broker = await ConsumingBroker.StartAsync(Outbox());

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        Assert.That(broker.Warnings, Has.Some.Contains("(row 1): its payload has more than 1048576 bytes"));
    }

    [Test]
    public async Task A_notification_wakes_the_reader_before_its_next_poll()
    {
        await Server.MakeOutboxAsync(_table);
        await using var broker = await ConsumingBroker.StartAsync(Outbox() with { Partitions = 2, PollInterval = TimeSpan.FromHours(1), NotificationChannel = $"wake \"{_table}\"" });
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        await Server.PublishAsync(_table, rows: 10, partitions: 2);
        var others = await broker.NumbersAsync("chat:1");

        // The listener may only now begin to listen: a notification that nobody hears is repeated.
        var heard = await Eventually.GetAsync(
            async () =>
            {
                await Server.RunAsync($"SELECT pg_notify('wake \"{_table}\"', '1')");
                return await broker.NumbersAsync("chat:1");
            },
            numbers => numbers.Length == 5);

        Assert.That(heard, Is.EqualTo(new[] { 1, 3, 5, 7, 9 }));
        Assert.That(others, Is.Empty.Or.EqualTo(heard));
    }

    [Test]
    public async Task Two_nodes_share_the_partitions_and_handle_each_row_once()
    {
        const int partitions = 8;
        await Server.MakeOutboxAsync(_table);
        await using var redis = RedisDatabase.Take();
        var options = Outbox() with { Partitions = partitions, SelectLimit = 20 };
        await using var first = await ConsumingBroker.StartAsync(options, redis.Address);
        await using var second = await ConsumingBroker.StartAsync(options, redis.Address);
        await Server.PublishAsync(_table, rows: 4_000, partitions);
        await IsEmptyAsync();

        for (var partition = 0; partition < partitions; partition++)
        {
            var all = await first.AwaitNumbersAsync(500, $"chat:{partition}");
            Assert.That(all, Is.EqualTo(Enumerable.Range(0, 500).Select(i => (i * partitions) + (partition == 0 ? partitions : partition))));
        }
    }

    [Test]
    public async Task A_server_that_is_away_is_named_and_the_reader_comes_back_with_it()
    {
        await using var server = await RunningPostgres.StartAsync();
        await server.MakeOutboxAsync(_table);
        await using var broker = await ConsumingBroker.StartAsync(Outbox() with { Server = Address(server.Dsn) });
        await server.PublishAsync(_table, rows: 1);
        await broker.AwaitNumbersAsync(1);
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));

        await server.KillAsync();
        await Eventually.IsTrueAsync(async () => !await broker.IsOkAsync("orders"));
        var health = await broker.SendAsync(HttpMethod.Get, "/health", null);
        await server.StartAgainAsync();
        await server.PublishAsync(_table, rows: 2);
        await broker.AwaitNumbersAsync(3);

        Assert.That(health.Status, Is.EqualTo(200));
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        Assert.That(broker.Warnings, Has.One.StartsWith("The queue orders (postgresql) is away: "));
    }

    [Test]
    public async Task A_table_that_is_made_after_the_start_is_read()
    {
        await using var broker = await ConsumingBroker.StartAsync(Outbox());
        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.Contains("does not exist", StringComparison.Ordinal)));
        await Server.MakeOutboxAsync(_table);
        await Server.PublishAsync(_table, rows: 1);

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_row_whose_command_fails_now_keeps_its_place_until_it_succeeds()
    {
        await using var redis = await RunningRedis.StartAsync();
        await Server.MakeOutboxAsync(_table);
        await using var broker = await ConsumingBroker.StartAsync(Outbox(), redis.Address());
        await redis.StopAsync();
        await Server.PublishAsync(_table, rows: 30);
        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.StartsWith("A command of the queue orders failed (row ", StringComparison.Ordinal)));
        await redis.ContinueAsync();
        await IsEmptyAsync();

        // One that was without an answer may have been carried out, too.
        Assert.That((await broker.AwaitNumbersAsync(30)).Distinct(), Is.EqualTo(Enumerable.Range(1, 30)));
    }

    private OutboxOptions Outbox() => new("orders", Address(Server.Dsn), _table) { PollInterval = TimeSpan.FromMilliseconds(20) };

    private Task<TimeSpan> IsEmptyAsync() => Eventually.IsTrueAsync(async () => await Server.CountAsync($"SELECT count(*) FROM {_table}") == 0, "rows stay in the outbox");

    private static PostgresAddress Address(string dsn) => PostgresAddress.TryParse(dsn, out var address) ? address : throw new ArgumentException(dsn, nameof(dsn));
}
