using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>A stream of a real nats-server.</summary>
internal sealed class JetStreamConsumerTests
{
    private const string Stream = "commands";
    private const string Durable = "clawevents";

    private RunningNats _server = null!;
    private NatsConnection _connection = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await RunningNats.StartAsync();
        _connection = _server.Connect();
        await RunningNats.MakeStreamAsync(_connection, Stream);
    }

    [TearDown]
    public async Task Stop()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    private JetStreamOptions Options => new("orders", _server.Url, Stream, Durable) { DeliversAll = true, Form = new() { Method = "centrifugo-method" } };

    [Test]
    public async Task Messages_are_published_in_their_order_and_acknowledged()
    {
        for (var n = 1; n <= 250; n++)
        {
            await PublishAsync($$$"""{"channel":"chat:0","data":{"n":{{{n}}}}}""", ("centrifugo-method", "publish"));
        }

        await using var broker = await ConsumingBroker.StartAsync(Options);

        Assert.That(await broker.AwaitNumbersAsync(250), Is.EqualTo(Enumerable.Range(1, 250)));
        await IsDoneAsync();
    }

    [Test]
    public async Task Only_messages_of_the_subject_are_read()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Subjects = [$"{Stream}.mine"] });
        await PublishAsync("""{"method":"publish","payload":{"channel":"chat:0","data":{"n":1}}}""");
        await PublishToAsync($"{Stream}.mine", """{"method":"publish","payload":{"channel":"chat:0","data":{"n":2}}}""");

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task Data_is_published_to_the_channels_that_the_headers_name()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Form = new() { IsPublication = true } });
        for (var n = 1; n <= 2; n++)
        {
            await PublishAsync($$"""{"n":{{n}}}""", ("centrifugo-channels", "chat:0,chat:1"), ("centrifugo-idempotency-key", "same"), ("centrifugo-tag-kind", "news"));
        }

        await PublishAsync("""{"n":3}""", ("centrifugo-channels", "chat:0,chat:1"));
        var publications = await Eventually.GetAsync(() => broker.HistoryAsync("chat:1"), all => all.Length == 2);

        Assert.That(publications.Select(one => one.GetProperty("data").ToString()), Is.EqualTo(new[] { """{"n":1}""", """{"n":3}""" }));
        Assert.That(publications[0].GetProperty("tags").ToString(), Is.EqualTo("""{"kind":"news"}"""));
    }

    [Test]
    public async Task Messages_that_say_nothing_are_logged_skipped_and_acknowledged()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        await PublishAsync("[]");
        await PublishAsync("""{"channel":"chat:0","data":{"n":1}}""", ("centrifugo-method", "publish"));

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        await IsDoneAsync();
        Assert.That(broker.Warnings, Has.One.StartsWith("A message of the queue orders was skipped (commands.all 1): the payload is not an object with a method and a payload."));
    }

    [Test]
    public async Task Two_nodes_handle_each_message_once()
    {
        await using var fleet = RedisDatabase.Take();
        await using var first = await ConsumingBroker.StartAsync(Options, fleet.Address);
        await using var second = await ConsumingBroker.StartAsync(Options, fleet.Address);
        for (var n = 1; n <= 500; n++)
        {
            await PublishAsync($$$"""{"channel":"chat:0","data":{"n":{{{n}}}}}""", ("centrifugo-method", "publish"));
        }

        Assert.That(await first.AwaitNumbersAsync(500), Is.EquivalentTo(Enumerable.Range(1, 500)));
        await IsDoneAsync();
    }

    [Test]
    public async Task A_server_that_is_away_is_named_and_the_reader_comes_back_with_it()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        await _server.KillAsync();
        await Eventually.IsTrueAsync(async () => !await broker.IsOkAsync("orders"));
        await _server.StartAgainAsync();
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        await _connection.DisposeAsync();
        _connection = _server.Connect();
        await PublishAsync("""{"channel":"chat:0","data":{"n":1}}""", ("centrifugo-method", "publish"));

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
        Assert.That(broker.Warnings, Has.Some.StartsWith("The queue orders (nats_jetstream) is away: "));
    }

    [Test]
    public async Task A_stream_that_is_made_after_the_start_is_read()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Stream = "later" });
        await Eventually.IsTrueAsync(() => broker.Warnings.Any(line => line.StartsWith("The queue orders (nats_jetstream) is away: ", StringComparison.Ordinal)));
        await RunningNats.MakeStreamAsync(_connection, "later");
        await PublishToAsync("later.all", """{"method":"publish","payload":{"channel":"chat:0","data":{"n":1}}}""");

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_durable_consumer_that_was_deleted_is_made_again()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));
        await new NatsJSContext(_connection).DeleteConsumerAsync(Stream, Durable);
        await PublishAsync("""{"channel":"chat:0","data":{"n":1}}""", ("centrifugo-method", "publish"));

        Assert.That(await broker.AwaitNumbersAsync(1), Is.EqualTo(new[] { 1 }));
    }

    private Task PublishAsync(string payload, params (string Name, string Value)[] headers) => PublishToAsync($"{Stream}.all", payload, headers);

    private async Task PublishToAsync(string subject, string payload, params (string Name, string Value)[] headers)
    {
        var all = new NatsHeaders();
        foreach (var (name, value) in headers)
        {
            all.Add(name, value);
        }

        (await new NatsJSContext(_connection).PublishAsync(subject, payload, headers: all)).EnsureSuccess();
    }

    private Task<TimeSpan> IsDoneAsync() => Eventually.IsTrueAsync(
        async () => (await new NatsJSContext(_connection).GetConsumerAsync(Stream, Durable)).Info is { NumAckPending: 0, NumPending: 0 },
        "messages stay unacknowledged");
}
