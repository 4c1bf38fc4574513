using System.Text.Json;
using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>Two whole brokers on one Redis, which know of each other when a test begins.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class TwoBrokersTests
{
    private RedisDatabase _database = null!;

    private protected RunningBroker Here { get; private set; } = null!;

    private protected RunningBroker There { get; private set; } = null!;

    [SetUp]
    public async Task StartBrokers()
    {
        _database = RedisDatabase.Take();
        Here = await StartNodeAsync();
        There = await StartNodeAsync();
        await AwaitNodesAsync(Here, 2);
        await AwaitNodesAsync(There, 2);
    }

    [TearDown]
    public async Task StopBrokers()
    {
        await Here.DisposeAsync();
        await There.DisposeAsync();
        await _database.DisposeAsync();
        Assert.That(Here.Errors.Concat(There.Errors), Is.Empty, "A client must not be able to cause what is logged as the broker's own fault.");
    }

    /// <summary>The fixture's settings.</summary>
    private protected virtual BrokerOptions Change(BrokerOptions options) => options;

    /// <summary>One more on the same Redis; whoever starts it ends it.</summary>
    private protected Task<RunningBroker> StartNodeAsync() => RunningBroker.StartAsync(options => Change(options with
    {
        Redis = [_database.Address],
        JwtSecret = TestToken.Secret,
        Namespaces = new ChannelNamespaces(new Dictionary<string, ChannelOptions> { ["chat"] = new() { Subscribe = new(true, true, true), Presence = true } }, null),
    }));

    /// <summary>Until a broker knows of so many nodes, itself among them.</summary>
    private protected static Task AwaitNodesAsync(RunningBroker broker, int count) =>
        Eventually.GetAsync(async () => (await CallAsync(broker, "info", "{}")).GetProperty("nodes").GetArrayLength(), nodes => nodes == count);

    /// <summary>The result of a call of the server API.</summary>
    private protected static async Task<JsonElement> CallAsync(RunningBroker broker, string method, string body)
    {
        var answer = await broker.PostWithKeyAsync($"/api/{method}", body);
        Assert.That(answer.Body, Does.StartWith("""{"result":"""));
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("result");
    }

    /// <summary>A client of this user.</summary>
    private protected static Task<RunningWebSocket> ConnectAsync(RunningBroker broker, string user) => broker.ConnectAsync(TestToken.Of($$"""{"sub":"{{user}}"}"""));
}
