using System.Text.Json;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Grpc;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Server;

/// <summary><c>metrics</c> of <c>info</c>.</summary>
public sealed class InfoMetricsTests : RunningBrokerTests
{
    private readonly ManualTimeProvider _time = new();

    private protected override TimeProvider Time => _time;

    private protected override BrokerOptions Change(BrokerOptions options) => Operator.Allow(options);

    [Test]
    public async Task Info_has_the_figures_of_the_last_minute()
    {
        Assert.That((await NodeAsync()).TryGetProperty("metrics", out _), Is.False, "No step has passed.");

        await (await Broker.ConnectAsync()).SubscribeAsync("public.a");
        _time.Advance(RateHistory.Step);
        var first = (await NodeAsync()).GetProperty("metrics");
        Assert.That((first.GetProperty("interval").GetDouble(), Item(first, "clawevents.node.opened"), Item(first, "centrifugo.node.num_clients")), Is.EqualTo((10, 1, 1)));

        for (var step = 0; step < 6; step++)
        {
            _time.Advance(RateHistory.Step);
        }

        var last = (await NodeAsync()).GetProperty("metrics");
        Assert.That((last.GetProperty("interval").GetDouble(), Item(last, "clawevents.node.opened")), Is.EqualTo((60, 0)));
    }

    [Test]
    public void Each_node_has_its_own_and_one_of_another_version_none_by_gRPC_too()
    {
        var nodes = new[] { "a", "b", "c" }.Select(id => new NodeReport(id, id, "1", 0, 0, 0, 0, TimeSpan.Zero, 0, 0)).ToArray();
        var result = new NodesResult(nodes, [new("a", "a", """{"interval":60,"items":{"x.y":1.5}}"""u8.ToArray()), new("c", "c", """{"interval":"?","items":[],"more":1}"""u8.ToArray())]);

        var message = AnswerWriting.Info(result)!;

        Assert.That(message.Nodes[0].Metrics.Interval, Is.EqualTo(60));
        Assert.That(message.Nodes[0].Metrics.Items, Is.EqualTo(new Dictionary<string, double> { ["x.y"] = 1.5 }));
        Assert.That(message.Nodes[1].Metrics, Is.Null);
        Assert.That(message.Nodes[2].Metrics.Items, Is.Empty);
    }

    private static double Item(JsonElement metrics, string name) => metrics.GetProperty("items").GetProperty(name).GetDouble();

    private async Task<JsonElement> NodeAsync() => JsonSerializer.Deserialize<JsonElement>((await Broker.PostWithKeyAsync("/api/info", "{}")).Body).GetProperty("result").GetProperty("nodes")[0];
}
