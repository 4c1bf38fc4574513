using System.Diagnostics;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A broker as a program that reads an outbox: killed in the middle, and measured.</summary>
public sealed class KilledOutboxTests
{
    private const int Partitions = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-outbox-");
    private readonly string _table = SharedPostgres.NextTable();

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestCase(10_000, 2)]
    [TestCase(100_000, 10, Category = "Slow")]
    public async Task Every_row_is_published_at_least_once_and_in_its_order_though_the_broker_is_killed(int rows, int kills)
    {
        var postgres = SharedPostgres.Server;
        await postgres.MakeOutboxAsync(_table);
        await postgres.PublishAsync(_table, rows, Partitions);
        await using var redis = RedisDatabase.Take();
        for (var kill = 1; kill <= kills; kill++)
        {
            await using var broker = Start(redis.Url, limit: 100);
            var left = (long)rows * (kills + 1 - kill) / (kills + 1);
            await Eventually.IsTrueAsync(async () => await RowsAsync() <= left, "the outbox does not shrink", Patience);
            await broker.KillAsync();
            Assert.That(await RowsAsync(), Is.Positive, "It was killed too late.");
        }

        await using var last = Start(redis.Url, limit: 100);
        await Eventually.IsTrueAsync(async () => await RowsAsync() == 0, "rows stay in the outbox", Patience);

        var repeated = 0;
        for (var partition = 0; partition < Partitions; partition++)
        {
            var published = await PublishedAsync(redis, $"chat:{partition}");
            var firsts = published.Distinct().ToArray();
            repeated += published.Length - firsts.Length;
            var first = partition == 0 ? Partitions : partition;
            Assert.That(firsts, Is.EqualTo(Enumerable.Range(0, rows / Partitions).Select(i => first + (i * Partitions))));
        }

        // Of each kill, no more than the rows of the transactions that were open.
        Assert.That(repeated, Is.LessThanOrEqualTo(kills * Partitions * 100));
        await TestContext.Out.WriteLineAsync($"{rows} rows, {kills} kills: {repeated} published again");
    }

    [TestCase(1, 1_000)]
    [TestCase(4, 1_000)]
    [Category("Slow")]
    [NonParallelizable] // It measures.
    public async Task An_outbox_is_read_at_the_rate_of_the_docs(int partitions, int limit)
    {
        const int rows = 200_000;
        var postgres = SharedPostgres.Server;
        await postgres.MakeOutboxAsync(_table);
        await postgres.PublishAsync(_table, rows, partitions);
        await postgres.RunAsync($"ANALYZE {_table}");
        await using var broker = Start(redis: null, limit, partitions);
        await Eventually.IsTrueAsync(async () => await RowsAsync() < rows, "the outbox does not shrink", Patience);
        var (begun, before) = (Stopwatch.GetTimestamp(), await RowsAsync());
        await Eventually.IsTrueAsync(async () => await RowsAsync() == 0, "rows stay in the outbox", Patience);
        var rate = before / Stopwatch.GetElapsedTime(begun).TotalSeconds;

        await TestContext.Out.WriteLineAsync($"{partitions} partitions, {limit} rows a transaction: {rate:N0} rows/s");

        // A busy machine is many times slower than a quiet one.
        Assert.That(rate, Is.GreaterThan(2_000));
    }

    private Task<long> RowsAsync() => SharedPostgres.Server.CountAsync($"SELECT count(*) FROM {_table}");

    private RunningProcess Start(string? redis, int limit, int partitions = Partitions) => BrokerProgram.Start(
        _folder.FullName,
        [],
        [.. redis is null ? [] : new[] { ("REDIS_URL", redis), ("Namespaces__0__history_size", "100000"), ("Namespaces__0__history_ttl", "1h") }, .. Settings(limit, partitions)]);

    private (string Name, string Value)[] Settings(int limit, int partitions) =>
    [
        ("JWT_SECRET", TestToken.Secret),
        ("Namespaces__0__name", "chat"),
        ("Consumers__orders__type", "postgresql"), ("Consumers__orders__dsn", SharedPostgres.Server.Dsn), ("Consumers__orders__outbox_table_name", _table),
        ("Consumers__orders__num_partitions", $"{partitions}"), ("Consumers__orders__partition_select_limit", $"{limit}"),
    ];

    // The history is in Redis, which was not killed.
    private static async Task<int[]> PublishedAsync(RedisDatabase redis, string channel)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Namespaces = TestNamespaces.Of(("chat", TestNamespaces.Open with { HistorySize = 1_000_000, HistoryTtl = TimeSpan.FromHours(1) })),
            Identity = options.Identity with { JwtSecret = TestToken.Secret },
            State = options.State with { Redis = [redis.Address] },
        });
        return await broker.NumbersAsync(channel);
    }
}
