using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Queues.ServiceBus;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>Queues of a server that speaks the protocol of Azure: with sessions, unless a test says otherwise.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ServiceBusConsumerTests : QueueContract
{
    private RunningServiceBus Server => (RunningServiceBus)Queue;

    private ServiceBusOptions Options => (ServiceBusOptions)Server.Options;

    private ServiceBusOptions WithoutSessions => Options with { Queues = [RunningServiceBus.Plain], HasSessions = false, Receivers = 1 };

    protected override async Task<ITestQueue> StartQueueAsync() => await RunningServiceBus.StartAsync();

    [TestCase(1)]
    [TestCase(20)]
    public async Task A_queue_without_sessions_is_read_in_its_order(int messages)
    {
        Server.PublishNumbers(0, 100);
        await using var broker = await ConsumingBroker.StartAsync(WithoutSessions with { MaxMessages = messages });

        await HasAllAsync(broker, 100);
        await Server.IsDoneAsync();
    }

    [Test]
    public async Task Several_receivers_leave_nothing_out()
    {
        Server.PublishNumbers(0, 100);
        await using var broker = await ConsumingBroker.StartAsync(WithoutSessions with { Receivers = 4 });

        await Server.IsDoneAsync();
        Assert.That(broker.Processed(), Is.EqualTo(100));
    }

    [Test]
    public Task What_a_node_has_of_a_queue_without_sessions_is_for_another_one_at_once() => IsGivenBackAsync(WithoutSessions with { MaxMessages = 1 });

    [TestCase(true)]
    [TestCase(false)]
    public async Task Locks_are_renewed_while_a_command_fails(bool hasSessions)
    {
        Server.Lock = TimeSpan.FromSeconds(2);
        await using var redis = await RunningRedis.StartAsync();
        await using var broker = await ConsumingBroker.StartAsync(hasSessions ? Options : WithoutSessions, redis.Address());
        await redis.StopAsync();
        Server.Publish("a", """{"channel":"chat:0","data":{"n":1}}""", ("centrifugo-method", "publish"));
        await Eventually.IsTrueAsync(() => (hasSessions ? Server.Renewed : Server.Extended) >= 3);
        await redis.ContinueAsync();
        await Server.IsDoneAsync();

        Assert.That((await broker.NumbersAsync()).Distinct(), Is.EqualTo(new[] { 1 }));
        Assert.That(broker.Warnings, Has.None.StartsWith("The queue orders "));
    }

    [Test]
    public async Task An_application_of_Entra_has_a_client_for_its_namespace()
    {
        await using var client = ServiceBusServer.Open(new(ConnectionString: null, "shop.servicebus.windows.net", "5f8d6ab6-2d3b-4b1e-9c56-3a2b7a1a4c10", "client", "hush"));

        Assert.That(client.FullyQualifiedNamespace, Is.EqualTo("shop.servicebus.windows.net"));
    }

    [Test]
    public async Task A_connection_string_that_is_none_is_named_without_its_key()
    {
        await using var broker = await ConsumingBroker.StartAsync(Options with { Access = new("Endpoint=sb://n;SharedAccessKey=hush") });

        await IsLoggedAsync(broker, "The queue orders (azure_service_bus) is away: ");
        Assert.That(broker.Warnings, Has.None.Contains("hush"));
    }
}
