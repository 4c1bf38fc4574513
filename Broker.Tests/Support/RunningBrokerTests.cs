namespace ClawEvents.Broker.Tests.Support;

/// <summary>The base of fixtures that need a running broker: each test gets its own.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class RunningBrokerTests
{
    private protected RunningBroker Broker { get; private set; } = null!;

    [SetUp]
    public async Task StartBroker() => Broker = await RunningBroker.StartAsync(Change, Time);

    [TearDown]
    public async Task StopBroker()
    {
        await Broker.DisposeAsync();
        Assert.That(Broker.Errors, Is.Empty, "A client must not be able to cause what is logged as the broker's own fault.");
    }

    /// <summary>Null for the system's clock.</summary>
    private protected virtual TimeProvider? Time => null;

    /// <summary>The fixture's settings.</summary>
    private protected virtual BrokerOptions Change(BrokerOptions options) => options;
}
