using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>More clients than a node can serve: its reactors are stopped by hand, as if each had too much to do.</summary>
[Platform("Linux")]
public sealed class ReconnectStormTests() : RunningBrokerTests(transport: TestTransport.Reactors)
{
    // More than are always accepted, in one look of the controller.
    private const int Wave = 8;

    private readonly ManualTimeProvider _clock = new();

    private protected override TimeProvider Time => _clock;

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Connections = options.Connections with { MaxTurnDelay = TimeSpan.FromMilliseconds(100), PingInterval = TimeSpan.Zero },
    };

    [Test]
    public async Task A_node_under_a_storm_tells_clients_to_come_back_until_it_can_serve_them()
    {
        var heads = await ConnectAsync();
        Assert.That(heads, Is.All.StartsWith("HTTP/1.1 101 "));

        await Eventually.IsTrueAsync(
            async () =>
            {
                await PassAsync(isBusy: true);
                heads = await ConnectAsync();
                return heads.Exists(head => head.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal));
            },
            "nobody is told to come back");
        Assert.That(heads.Where(head => head.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal)), Is.All.Match("\r\nRetry-After: [1-9][0-9]?\r\n"));
        Assert.That((await Broker.PostAsync("/connection/sse", """{"id":1,"connect":{}}""")).Status, Is.EqualTo(503));
        await Eventually.IsTrueAsync(
            () => Broker.Warnings.Any(warning => warning.StartsWith("More clients connect than this node can serve: turns wait for more than 100 ms. It accepts ", StringComparison.Ordinal)), "the log says nothing");

        await Eventually.IsTrueAsync(
            async () =>
            {
                await PassAsync(isBusy: false);
                return (await ConnectAsync(AdmissionPace.LeastPerSecond)).TrueForAll(head => head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal));
            },
            "clients are refused for good");
    }

    // Two seconds; when it is busy, no reactor takes a turn in the second one.
    private async Task PassAsync(bool isBusy)
    {
        using var done = new ManualResetEventSlim(initialState: !isBusy);
        var reactors = Broker.Get<ReactorPool>().Start();
        Array.ForEach(reactors, reactor => reactor.Post(done.Wait));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await Task.Yield();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        done.Set();
        await Broker.Get<ReactorPool>().TurnAsync();
    }

    private async Task<List<string>> ConnectAsync(double count = Wave)
    {
        var heads = new List<string>();
        for (var i = 0; i < count; i++)
        {
            await using var client = await RunningWebSocket.OpenAsync(Broker.Url);
            await client.SendAsync(Broker.UpgradeRequest());
            heads.Add(await client.ReadHeadAsync());
        }

        return heads;
    }
}
