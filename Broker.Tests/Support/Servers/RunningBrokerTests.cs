using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The base of fixtures that need a running broker: each test gets its own.</summary>
/// <param name="store">Where it keeps its state.</param>
/// <param name="transport">Its sockets.</param>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class RunningBrokerTests(TestStore store = TestStore.Sqlite, TestTransport transport = TestTransport.Default)
{
    private protected RunningBroker Broker { get; private set; } = null!;

    /// <summary>Its database; null unless the store is <see cref="TestStore.Redis"/>.</summary>
    private protected RedisDatabase? Database { get; private set; }

    /// <summary>The broker's sockets.</summary>
    private protected TestTransport Transport { get; } = transport;

    [SetUp]
    public async Task StartBroker()
    {
        Database = store is TestStore.Redis ? RedisDatabase.Take() : null;
        Broker = await RunningBroker.StartAsync(ChangeAll, Time);
    }

    [TearDown]
    public async Task StopBroker()
    {
        await Broker.DisposeAsync();
        await (Database?.DisposeAsync() ?? ValueTask.CompletedTask);
        Assert.That(Broker.Errors, Is.Empty, "A client must not be able to cause what is logged as the broker's own fault.");
    }

    /// <summary>Null for the system's clock.</summary>
    private protected virtual TimeProvider? Time => null;

    /// <summary>The fixture's settings.</summary>
    private protected virtual BrokerOptions Change(BrokerOptions options) => options;

    private BrokerOptions ChangeAll(BrokerOptions options) => Change(options with
    {
        State = options.State with { Redis = Database is null ? [] : [Database.Address] },
        Listeners = options.Listeners with { Transport = TestTransports.KindOf(Transport) },
    });
}
