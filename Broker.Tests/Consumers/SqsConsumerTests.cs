using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>Queues of a server that speaks the protocol of AWS.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SqsConsumerTests : QueueContract
{
    private RunningSqs Server => (RunningSqs)Queue;

    private SqsOptions Options => (SqsOptions)Server.Options;

    protected override async Task<ITestQueue> StartQueueAsync() => await RunningSqs.StartAsync();

    [Test]
    public async Task Groups_are_carried_out_at_the_same_time_and_each_in_its_order()
    {
        Server.PublishNumbers(0, 200);
        await using var broker = await ConsumingBroker.StartAsync(Options with { Concurrency = 4, MaxMessages = 7 });

        await HasAllAsync(broker, 200);
        await Server.IsDoneAsync();
    }

    [Test]
    public async Task A_message_is_hidden_for_longer_while_its_command_fails_and_what_is_done_leaves_the_queue()
    {
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(Options with { Visibility = TimeSpan.FromSeconds(1), PollWait = TimeSpan.FromSeconds(1) }, redis.Address());
        await IsReadAsync();
        await redis.StopAsync();
        Server.Publish("a", "no JSON");
        Server.Publish("a", """{"channel":"chat:0","data":{"n":1}}""", ("centrifugo-method", "publish"));
        await Eventually.IsTrueAsync(() => Server.Extended >= 4);

        Assert.That(Server.Waiting, Is.EqualTo(1));
        await redis.ContinueAsync();
        await Server.IsDoneAsync();
        Assert.That((await broker.NumbersAsync()).Distinct(), Is.EqualTo(new[] { 1 }));
        Assert.That(broker.Warnings, Has.None.StartsWith("The queue orders "));
    }

    [Test]
    public async Task A_message_in_an_envelope_of_SNS_is_opened()
    {
        Server.Publish("a", """{"Type":"Notification","Message":"{\"channel\":\"chat:0\",\"data\":{\"n\":1}}","MessageAttributes":{"centrifugo-method":{"Type":"String","Value":"publish"}}}""");
        Server.Publish("a", """{"Type":"Notification","Message":"{\"method\":\"publish\",\"payload\":{\"channel\":\"chat:0\",\"data\":{\"n\":2}}}"}""");
        Server.Publish("a", """{"channel":"chat:0","data":{"n":3}}""", ("centrifugo-method", "publish"));
        await using var broker = await ConsumingBroker.StartAsync(Options with { HasEnvelope = true });

        await Server.IsDoneAsync();
        Assert.That(await broker.NumbersAsync(), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(broker.Warnings, Has.One.StartsWith("A message of the queue orders was skipped (commands.fifo message-2): it has no envelope of SNS."));
    }

    [Test]
    public async Task Requests_are_signed_for_the_region_with_the_credentials_of_the_environment()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options);
        await Eventually.IsTrueAsync(() => broker.IsOkAsync("orders"));

        Assert.That(Server.Requests[0], Does.Contain($"Credential=own/").And.Contain($"/{RunningSqs.Region}/sqs/"));
    }

    [Test]
    public async Task A_role_is_assumed_with_the_credentials_of_a_profile()
    {
        using var folder = new TemporaryFolder();
        var credentials = Path.Combine(folder.Path, "credentials");
        await File.WriteAllTextAsync(credentials, "[reader]\naws_access_key_id = profiled\naws_secret_access_key = hush\n");
        (string Name, string Value)[] options = [.. Server.Settings, ("credentials_profile", "reader"), ("assume_role_arn", "arn:aws:iam::123456789012:role/reader")];
        await using var broker = QueuesProgram.Start(
            folder.Path, [], [.. options.Select(option => ($"Consumers__orders__{option.Name}", option.Value)), ("AWS_SHARED_CREDENTIALS_FILE", credentials), ("AWS_ENDPOINT_URL_STS", Server.Origin.ToString())]);
        Server.PublishNumbers(0, 1);
        await Server.IsDoneAsync();

        Assert.That(Server.Requests, Has.One.Contains("Credential=profiled/").And.One.Contains("/sts/"));
        Assert.That(Server.Requests, Has.Some.Contains("Credential=assumed/").And.None.Contains("Credential=own/"));
    }

    [Test]
    public async Task A_profile_that_is_missing_is_named()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Profile = "nobody" });

        await IsLoggedAsync(broker, "The queue orders (aws_sqs) is away: there is no profile nobody with credentials");
    }
}
