using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>What is promised of each queue of a cloud.</summary>
internal abstract class QueueContract
{
    protected ITestQueue Queue { get; private set; } = null!;

    protected abstract Task<ITestQueue> StartQueueAsync();

    [SetUp]
    public async Task StartAsync() => Queue = await StartQueueAsync();

    [TearDown]
    public ValueTask StopAsync() => Queue.DisposeAsync();

    [Test]
    public async Task Messages_of_each_key_are_published_in_their_order_and_leave_the_queue()
    {
        Queue.PublishNumbers(0, 200);
        await using var broker = await ConsumingBroker.StartAsync(Queue.Options);

        await HasAllAsync(broker, 200);
        await Queue.IsDoneAsync();
        Assert.That(broker.Processed(), Is.EqualTo(200));
        Assert.That(broker.Warnings, Is.Empty);
    }

    [Test]
    public async Task Data_is_published_to_the_channels_that_the_message_names()
    {
        await using var broker = await ConsumingBroker.StartAsync(Queue.Options with { Form = new() { IsPublication = true } });
        for (var n = 1; n <= 2; n++)
        {
            Queue.Publish("a", $$"""{"n":{{n}}}""", ("centrifugo-channels", "chat:0,chat:1"), ("centrifugo-idempotency-key", "same"), ("centrifugo-tag-kind", "news"));
        }

        Queue.Publish("a", """{"n":3}""", ("centrifugo-channels", "chat:0,chat:1"), ("centrifugo-version", "7"), ("centrifugo-version-epoch", "x"));
        Queue.Publish("a", """{"n":4}""", ("centrifugo-channels", "chat:1"), ("centrifugo-version", "6"), ("centrifugo-version-epoch", "x"));
        await Queue.IsDoneAsync();
        var publications = await broker.HistoryAsync("chat:1");

        Assert.That(publications.Select(one => one.GetProperty("data").ToString()), Is.EqualTo(new[] { """{"n":1}""", """{"n":3}""" }));
        Assert.That(publications[0].GetProperty("tags").ToString(), Is.EqualTo("""{"kind":"news"}"""));
    }

    [Test]
    public async Task Messages_that_say_nothing_are_logged_once_and_leave_the_queue()
    {
        Queue.Publish("a", "[]");
        Queue.Publish("a", "no JSON");
        Queue.Publish("a", """{"method":"publish","payload":{"channel":"chat:0","data":{"n":1}}}""");
        await using var broker = await ConsumingBroker.StartAsync(Queue.Options);

        await Queue.IsDoneAsync();
        Assert.That(await broker.NumbersAsync(), Is.EqualTo(new[] { 1 }));
        Assert.That(broker.Warnings.Where(line => line.StartsWith("A message of the queue orders was skipped (", StringComparison.Ordinal)).ToList(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_message_whose_command_fails_now_keeps_its_place_until_it_succeeds()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(Queue.Options, redis.Address());
        await IsReadAsync();
        await redis.StopAsync();
        Queue.PublishNumbers(0, 40);
        await IsLoggedAsync(broker, "A command of the queue orders failed (");
        await redis.ContinueAsync();
        await Queue.IsDoneAsync();

        // One that was without an answer may have been carried out, too.
        for (var key = 0; key < TestQueue.Keys; key++)
        {
            Assert.That((await broker.NumbersAsync(TestQueue.ChannelOf(key))).Distinct(), Is.EqualTo(TestQueue.NumbersOf(key, 40)));
        }
    }

    [Test]
    public async Task A_server_that_is_away_is_named_and_the_reader_comes_back_with_it()
    {
        await using var broker = await ConsumingBroker.StartAsync(Queue.Options);
        await IsReadAsync();
        Assert.That(await broker.IsOkAsync("orders"), Is.True);
        Queue.Stop();
        await Eventually.IsTrueAsync(async () => !await broker.IsOkAsync("orders"));
        Queue.PublishNumbers(0, 8);
        Queue.Continue();

        await Queue.IsDoneAsync();
        await HasAllAsync(broker, 8);
        Assert.That(await broker.IsOkAsync("orders"), Is.True);
        Assert.That(broker.Warnings, Has.One.StartsWith($"The queue orders ({Queue.Options.Type}) is away: "));
    }

    [Test]
    public async Task A_server_that_is_away_at_the_start_does_not_keep_the_broker_from_it()
    {
        Queue.Stop();
        Queue.PublishNumbers(0, 4);
        await using var broker = await ConsumingBroker.StartAsync(Queue.Options);
        await Eventually.IsTrueAsync(() => broker.Warnings.Count > 0);
        Assert.That(await broker.IsOkAsync("orders"), Is.False);
        Queue.Continue();

        await HasAllAsync(broker, 4);
    }

    [Test]
    public Task What_a_node_has_not_done_when_it_stops_is_for_another_one_at_once() => IsGivenBackAsync(Queue.Options);

    protected async Task IsGivenBackAsync(ConsumerOptions options)
    {
        await using var redis = await RunningRedis.StartAsync();
        await using (var first = await ConsumingBroker.StartAsync(options, redis.Address()))
        {
            await IsReadAsync();
            await redis.StopAsync();
            Queue.PublishNumbers(0, 8);
            await IsLoggedAsync(first, "A command of the queue orders failed (");
            await first.StopAsync();
        }

        await redis.ContinueAsync();
        await using var second = await ConsumingBroker.StartAsync(options, redis.Address());
        var taken = await Queue.IsDoneAsync();

        // Nobody waits until the time of the first one is over.
        Assert.That(taken, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    /// <summary>Waits until the queue is read.</summary>
    protected async Task IsReadAsync()
    {
        Queue.Publish("first", """{"method":"publish","payload":{"channel":"chat:first","data":{}}}""");
        await Queue.IsDoneAsync();
    }

    protected static Task IsLoggedAsync(RunningBroker broker, string start, string part = "") => Eventually.GetAsync(
        () => Task.FromResult(string.Join('\n', broker.Warnings)), _ => broker.Warnings.Any(line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal)), $"{start}… is not logged");

    protected static async Task HasAllAsync(RunningBroker broker, int count)
    {
        for (var key = 0; key < TestQueue.Keys; key++)
        {
            var expected = TestQueue.NumbersOf(key, count);
            Assert.That(await broker.AwaitNumbersAsync(expected.Length, TestQueue.ChannelOf(key)), Is.EqualTo(expected));
        }
    }
}
