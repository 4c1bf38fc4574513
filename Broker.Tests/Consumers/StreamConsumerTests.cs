using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using StackExchange.Redis;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>Streams of a real Redis.</summary>
internal sealed class StreamConsumerTests : IAsyncDisposable
{
    private const string Stream = "commands";
    private const string Group = "clawevents";

    private readonly RedisDatabase _redis = RedisDatabase.Take();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private RedisStreamOptions Options => new("events", _redis.Address, [Stream], Group) { Form = new() { Method = "method" } };

    [TestCase(1)]
    [TestCase(16)]
    public async Task Entries_are_published_and_acknowledged(int workers)
    {
        await using var broker = await StartAsync(Options with { Workers = workers });
        for (var n = 1; n <= 250; n++)
        {
            await AddAsync(("method", "publish"), ("payload", $$$"""{"channel":"chat:0","data":{"n":{{{n}}}}}"""));
        }

        var numbers = await broker.AwaitNumbersAsync(250);

        Assert.That(numbers, workers == 1 ? Is.EqualTo(Enumerable.Range(1, 250)) : Is.EquivalentTo(Enumerable.Range(1, 250)));
        await IsDoneAsync();
    }

    [TestCase("""{"method":"publish","payload":{"channel":"chat:0","data":{"n":1}}}""")]
    [TestCase("""{"method":"publish","payload":"{\"channel\":\"chat:0\",\"data\":{\"n\":1}}"}""")]
    public async Task The_method_may_be_in_the_payload(string payload)
    {
        await using var broker = await StartAsync(Options);
        await AddAsync(("payload", payload));

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task Data_is_published_to_the_channels_that_an_entry_names()
    {
        await using var broker = await StartAsync(Options with { Form = new() { IsPublication = true } });
        for (var n = 1; n <= 2; n++)
        {
            await AddAsync(("payload", $$"""{"n":{{n}}}"""), ("centrifugo-channels", "chat:0, chat:1"), ("centrifugo-idempotency-key", "same"), ("centrifugo-tag-kind", "news"));
        }

        await AddAsync(("payload", """{"n":3}"""), ("centrifugo-channels", "chat:0,chat:1"));
        var publications = await Eventually.GetAsync(() => broker.HistoryAsync("chat:1"), all => all.Length == 2);

        Assert.That(publications.Select(one => one.GetProperty("data").ToString()), Is.EqualTo(new[] { """{"n":1}""", """{"n":3}""" }));
        Assert.That(publications[0].GetProperty("tags").ToString(), Is.EqualTo("""{"kind":"news"}"""));
        Assert.That(await broker.NumbersAsync(), Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public async Task Entries_that_say_nothing_are_logged_skipped_and_acknowledged()
    {
        await using var broker = await StartAsync(Options);
        await AddAsync(("other", "x"));
        await AddAsync(("method", "publish"), ("payload", "{"));
        await AddAsync(("method", "publish"), ("payload", """{"channel":"chat:0","data":{"n":1}}"""));

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        await IsDoneAsync();
        Assert.That(broker.Warnings.Where(line => line.StartsWith("A message of the queue events was skipped", StringComparison.Ordinal)).Select(line => line[line.IndexOf("): ", StringComparison.Ordinal)..].TrimEnd()), Is.EqualTo(new[]
        {
            "): it has no value payload.", "): the payload is not JSON, or nested too deep.",
        }));
    }

    [Test]
    public async Task Entries_of_a_dead_node_are_taken_over()
    {
        await _redis.Keys.StreamCreateConsumerGroupAsync(Stream, Group, "$");
        await AddAsync(("method", "publish"), ("payload", """{"channel":"chat:0","data":{"n":1}}"""));
        await _redis.Keys.StreamReadGroupAsync(Stream, Group, "a node that is dead", ">");
        await using var broker = await StartAsync(Options with { VisibilityTimeout = TimeSpan.FromMilliseconds(50) });

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        await IsDoneAsync();
    }

    [Test]
    public async Task Two_nodes_handle_each_entry_once()
    {
        await using var fleet = RedisDatabase.Take();
        await using var first = await StartAsync(Options, fleet);
        await using var second = await ConsumingBroker.StartAsync(Options, fleet.Address);
        await Task.WhenAll(Enumerable.Range(1, 1_000).Select(n => AddAsync(("method", "publish"), ("payload", $$$"""{"channel":"chat:0","data":{"n":{{{n}}}}}"""))));

        Assert.That(await first.AwaitNumbersAsync(1_000), Is.EquivalentTo(Enumerable.Range(1, 1_000)));
        await IsDoneAsync();
    }

    [Test]
    public async Task A_stream_that_was_lost_is_read_from_its_new_beginning()
    {
        await using var broker = await StartAsync(Options);
        await _redis.Keys.KeyDeleteAsync(Stream);
        await AddAsync(("method", "publish"), ("payload", """{"channel":"chat:0","data":{"n":1}}"""));

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_node_that_stops_leaves_the_group()
    {
        await using var broker = await StartAsync(Options);
        await AddAsync(("method", "publish"), ("payload", """{"channel":"chat:0","data":{"n":1}}"""));
        await broker.AwaitNumbersAsync(1);
        await broker.StopAsync();

        Assert.That(await _redis.Keys.StreamConsumerInfoAsync(Stream, Group), Is.Empty);
    }

    [Test]
    public async Task A_server_that_is_away_is_named_and_the_reader_comes_back_with_it()
    {
        await using var server = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(Options with { Server = server.Address() });
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("events"));
        await server.KillAsync();
        await Eventually.IsTrueAsync(async () => !await broker.IsOkAsync("events"));
        await server.StartAgainAsync();
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("events"));
        await using var client = await server.ConnectAsync();
        await client.GetDatabase(0).StreamAddAsync(Stream, [new("method", "publish"), new("payload", """{"channel":"chat:0","data":{"n":1}}""")]);

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        Assert.That(broker.Warnings, Has.Some.StartsWith("The queue events (redis_stream) is away: "));
    }

    private async Task<RunningBroker> StartAsync(RedisStreamOptions options, RedisDatabase? fleet = null)
    {
        var broker = await ConsumingBroker.StartAsync(options, fleet?.Address);
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("events"));
        return broker;
    }

    private Task<RedisValue> AddAsync(params (string Name, string Value)[] values) =>
        _redis.Keys.StreamAddAsync(Stream, [.. values.Select(value => new NameValueEntry(value.Name, value.Value))]);

    private Task<TimeSpan> IsDoneAsync() => Eventually.IsTrueAsync(
        async () => await _redis.Keys.StreamPendingAsync(Stream, Group) is { PendingMessageCount: 0 } && (await _redis.Keys.StreamGroupInfoAsync(Stream))[0].LastDeliveredId == (await _redis.Keys.StreamInfoAsync(Stream)).LastGeneratedId,
        "entries stay unfinished");
}
