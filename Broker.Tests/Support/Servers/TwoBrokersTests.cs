using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Two whole brokers on one Redis, which know of each other when a test begins.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class TwoBrokersTests
{
    private TwoNodes _nodes = null!;

    private protected RunningBroker Here => _nodes.Here;

    private protected RunningBroker There => _nodes.There;

    [SetUp]
    public async Task StartBrokers()
    {
        _nodes = await TwoNodes.StartAsync(options => Change(options with
        {
            Namespaces = new ChannelNamespaces(new Dictionary<string, ChannelOptions> { ["chat"] = new() { Subscribe = new(true, true, true), Presence = true } }, null),
        }));
        await AwaitNodesAsync(Here, 2);
        await AwaitNodesAsync(There, 2);
    }

    [TearDown]
    public Task StopBrokers() => _nodes.DisposeAsync().AsTask();

    /// <summary>The fixture's settings.</summary>
    private protected virtual BrokerOptions Change(BrokerOptions options) => options;

    /// <summary>As <see cref="TwoNodes.StartAnotherAsync"/>.</summary>
    private protected Task<RunningBroker> StartNodeAsync() => _nodes.StartAnotherAsync();

    /// <summary>Waits until a broker knows this many nodes, including itself.</summary>
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
