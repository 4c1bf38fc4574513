using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Queues.PubSub;
using ClawEvents.Broker.Queues.PubSub.Messages;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>A subscription of a server that speaks Google's interface.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PubSubConsumerTests : QueueContract
{
    private RunningPubSub Server => (RunningPubSub)Queue;

    private PubSubOptions Options => (PubSubOptions)Server.Options;

    protected override async Task<ITestQueue> StartQueueAsync() => await RunningPubSub.StartAsync();

    [Test]
    public async Task A_stream_that_the_server_ends_is_opened_again_without_a_word()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        for (var round = 0; round < 3; round++)
        {
            Server.PublishNumbers(4 * round, 4);
            await Server.IsDoneAsync();
            Server.EndStreams();
        }

        await Eventually.IsTrueAsync(() => Server.Streams == 4);
        await HasAllAsync(broker, 12);
        Assert.That(broker.Warnings, Is.Empty);
    }

    [TestCase(1, 1_000_000)]
    [TestCase(100, 1)]
    public async Task No_more_than_the_limits_is_in_work_though_the_server_sends_more(int messages, int bytes)
    {
        Server.IgnoresLimits = true;
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(Options with { MaxMessages = messages, MaxBytes = bytes }, redis.Address());
        await IsReadAsync();
        await redis.StopAsync();
        for (var n = 0; n < 20; n++)
        {
            Server.Publish("", $$$"""{"channel":"chat:0","data":{"n":{{{n}}}}}""", ("centrifugo-method", "publish"));
        }

        await IsLoggedAsync(broker, "A command of the queue orders failed (");
        await redis.ContinueAsync();
        await Server.IsDoneAsync();

        // Each message that fails says so once, and the next one begins when the store is there.
        Assert.That(broker.Warnings, Has.One.StartsWith("A command of the queue orders failed ("));
        Assert.That((await broker.NumbersAsync()).Distinct(), Is.EqualTo(Enumerable.Range(0, 20)));
    }

    [Test]
    public async Task A_message_without_a_key_does_not_wait_for_another_one()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(Options, redis.Address());
        await IsReadAsync();
        await redis.StopAsync();
        Server.Publish("", """{"channel":"chat:0","data":{"n":1}}""", ("centrifugo-method", "publish"));
        Server.Publish("", "no JSON");

        await Eventually.IsTrueAsync(() => Server.Waiting == 1);
    }

    [Test]
    public async Task A_subscription_that_is_missing_is_named()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Subscriptions = ["other"] });

        await IsLoggedAsync(broker, "The queue orders (google_pub_sub) is away: ", "there is no such subscription");
    }

    [Test]
    public async Task The_key_of_a_service_account_signs_the_requests()
    {
        await using var google = await RunningGoogleTokens.StartAsync();
        using var folder = new TemporaryFolder();
        using var channel = PubSubServer.Open(Server.Origin, new PubSubSignIn(google.MakeKey(folder)));
        using var stream = new Subscriber.SubscriberClient(channel).StreamingPull();
        await stream.RequestStream.WriteAsync(new() { Subscription = "projects/shop/subscriptions/commands" });

        Assert.That(await stream.ResponseStream.MoveNext(CancellationToken.None), Is.True);
        Assert.That(Server.Signatures, Is.EqualTo(new[] { "Bearer of the account" }));
    }

    [Test]
    public async Task A_key_that_cannot_be_read_is_named()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await ConsumingBroker.StartAsync(Options with { Endpoint = new($"https://{Server.Origin.Authority}"), CredentialsFile = Path.Combine(folder.Path, "missing.json") });

        await IsLoggedAsync(broker, "The queue orders (google_pub_sub) is away: ", "missing.json");
    }
}
