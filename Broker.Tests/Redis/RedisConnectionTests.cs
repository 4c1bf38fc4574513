using System.Collections.Concurrent;
using System.Diagnostics;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Redis;

/// <summary>A Redis that becomes unavailable in different ways.</summary>
internal sealed class RedisConnectionTests : IAsyncDisposable
{
    private RunningRedis _redis = null!;

    [SetUp]
    public async Task StartRedis() => _redis = await RunningRedis.StartAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Test]
    public async Task All_commands_to_a_silent_server_fail_in_time_and_later_ones_are_answered()
    {
        const int count = 20_000;
        await using var connection = await RedisConnection.OpenAsync(_redis.Address());
        await PingAsync(connection);

        await _redis.StopAsync();
        var begun = Stopwatch.GetTimestamp();
        var refused = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => IsRefusedAsync(connection)));
        var took = Stopwatch.GetElapsedTime(begun);
        await _redis.ContinueAsync();
        await AwaitAsync(connection);
        var answered = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => IsRefusedAsync(connection)));

        Assert.That(refused, Is.All.True);
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(10)));
        Assert.That(answered, Is.All.False);
        await TestContext.Out.WriteLineAsync($"{count} questions were refused within {took.TotalMilliseconds:F0} ms");
    }

    [Test]
    public async Task An_answer_is_waited_for_as_long_as_the_address_says()
    {
        var address = TestRedis.Address($"{_redis.Url()}?io_timeout=4s");
        await using var connection = await RedisConnection.OpenAsync(address);
        await using var hearing = await RedisDial.OpenAsync(address, _redis.Endpoint, pushes: null, CancellationToken.None);
        await PingAsync(connection);

        await _redis.StopAsync();
        var begun = Stopwatch.GetTimestamp();
        Task[] questions = [PingAsync(connection), hearing.AskAsync(RespWriting.Command("PING"))];
        var first = await Task.WhenAny(questions);
        var took = Stopwatch.GetElapsedTime(begun);
        await _redis.ContinueAsync();

        Assert.That(async () => await first, Throws.InstanceOf<StoreUnavailableException>());
        Assert.That(took, Is.GreaterThan(TimeSpan.FromSeconds(3.5)));
        Assert.That(async () => await Task.WhenAll(questions), Throws.InstanceOf<StoreUnavailableException>());
    }

    [Test]
    public async Task A_connection_is_waited_for_as_long_as_the_address_says()
    {
        await using var way = new RunningForwarder(_redis.Port);
        way.Swallow();
        var address = TestRedis.Address($"rediss://127.0.0.1:{way.Port}?connect_timeout=4s");

        var begun = Stopwatch.GetTimestamp();
        var opening = RedisDial.OpenAsync(address, address.Endpoint, pushes: null, CancellationToken.None);

        Assert.That(async () => await opening, Throws.InstanceOf<StoreUnavailableException>().With.Message.Contains("does not answer"));
        Assert.That(Stopwatch.GetElapsedTime(begun), Is.GreaterThan(TimeSpan.FromSeconds(3.5)));
    }

    [Test]
    public async Task An_outage_and_its_end_are_reported_once()
    {
        var told = new List<string>();
        await using var connection = await RedisConnection.OpenAsync(_redis.Address());
        connection.Outage += outage => told.Add(outage is null ? "back" : "away");

        await _redis.KillAsync();
        for (var i = 0; i < 50; i++)
        {
            Assert.That(await IsRefusedAsync(connection), Is.True);
        }

        await _redis.StartAgainAsync();
        await AwaitAsync(connection);
        await PingAsync(connection);

        Assert.That(told, Is.EqualTo(new[] { "away", "back" }));
    }

    [Test]
    public async Task A_dead_connection_on_which_nobody_asks_is_replaced_within_5_s_after_a_partition()
    {
        var told = new ConcurrentQueue<StoreUnavailableException?>();
        await using var way = new RunningForwarder(_redis.Port);
        await using var connection = await RedisConnection.OpenAsync(TestRedis.Address($"redis://127.0.0.1:{way.Port}"));
        connection.Outage += told.Enqueue;

        way.Swallow();
        await Eventually.IsTrueAsync(() => told.Count == 1 && way.Swallowed >= 2);
        way.Release();
        var took = await Eventually.IsTrueAsync(() => told.Count == 2);

        await TestContext.Out.WriteLineAsync($"back after {took.TotalSeconds:F1} s");
        Assert.That(told.Last(), Is.Null);
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task When_the_primary_becomes_a_replica_its_name_is_resolved_again()
    {
        await using var other = await RunningRedis.StartAsync();
        await using var name = new RunningForwarder(_redis.Port);
        Assert.That(RedisAddress.TryParse($"redis://127.0.0.1:{name.Port}", out var address), Is.True);
        await using var connection = await RedisConnection.OpenAsync(address!);
        await connection.AskAsync(redis => redis.StringSetAsync("key", "value"));

        using var operators = await _redis.ConnectAsync();
        await operators.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", other.Port);
        name.LeadTo(other.Port);
        await AwaitAsync(connection, redis => redis.StringSetAsync("key", "value"));

        using var there = await other.ConnectAsync();
        Assert.That((string?)await there.GetDatabase().StringGetAsync("key"), Is.EqualTo("value"));
    }

    [Test]
    public async Task A_host_without_an_address_yet_counts_as_unavailable()
    {
        Assert.That(RedisAddress.TryParse("redis://no-such-host.invalid", out var address), Is.True);

        await using var connection = await RedisConnection.OpenAsync(address!);

        Assert.That(() => PingAsync(connection), Throws.InstanceOf<StoreUnavailableException>());
    }

    [Test]
    public async Task A_server_that_is_not_Redis_is_refused()
    {
        await using var broker = await RunningBroker.StartAsync();
        Assert.That(RedisAddress.TryParse($"redis://127.0.0.1:{broker.Url.Port}", out var address), Is.True);

        Assert.That(
            () => RedisConnection.OpenAsync(address!),
            Throws.InstanceOf<StoreRefusedException>().With.Message.EqualTo($"the server at {address} is not Redis"));
    }

    private static Task<TimeSpan> PingAsync(RedisConnection connection) => connection.AskAsync(redis => redis.PingAsync());

    private static async Task<bool> IsRefusedAsync(RedisConnection connection, Func<IDatabaseAsync, Task>? command = null)
    {
        try
        {
            await connection.AskAsync(async redis =>
            {
                await (command?.Invoke(redis) ?? redis.PingAsync());
                return true;
            });
            return false;
        }
        catch (StoreUnavailableException)
        {
            return true;
        }
    }

    private static async Task AwaitAsync(RedisConnection connection, Func<IDatabaseAsync, Task>? command = null)
    {
        var begun = Stopwatch.GetTimestamp();
        while (await IsRefusedAsync(connection, command))
        {
            Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(RunningBroker.Patience));
            await Task.Delay(10);
        }
    }
}
