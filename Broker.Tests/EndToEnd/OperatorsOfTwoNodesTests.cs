using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>What operators ask one of two nodes, and hear of both.</summary>
public sealed class OperatorsOfTwoNodesTests : TwoBrokersTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { ShowsAdmin = true } };

    [Test]
    public async Task Connections_of_both_nodes_are_found()
    {
        await ConnectAsync(Here, "alice");
        await ConnectAsync(There, "bob");

        var all = await Here.AskAsOperatorAsync("/api/connections");
        var bobs = await Here.AskAsOperatorAsync("/api/connections?user=bob");

        Assert.That(all.GetProperty("connections").EnumerateArray().Select(one => one.GetProperty("user").GetString()), Is.EquivalentTo(new[] { "alice", "bob" }));
        Assert.That(all.GetProperty("total").GetInt32(), Is.EqualTo(2));
        Assert.That(bobs.GetProperty("connections")[0].GetProperty("node").GetString(), Is.EqualTo(all.GetProperty("nodes")[1].GetProperty("id").GetString()));
    }

    [TestCase("/api/rates", "series")]
    [TestCase("/api/warnings", "warnings")]
    [TestCase("/api/settings", "topics")]
    public async Task Both_nodes_say_something_of_themselves(string path, string field)
    {
        var answer = await Here.AskAsOperatorAsync(path);

        var nodes = answer.GetProperty("nodes").EnumerateArray().ToArray();
        Assert.That(nodes, Has.Length.EqualTo(2));
        Assert.That(nodes.Select(node => node.TryGetProperty(field, out _)), Is.All.True);
        Assert.That(nodes.Select(node => node.GetProperty("id").GetString()), Is.Unique);
    }

    [Test]
    public async Task A_user_is_followed_on_both_nodes_until_the_operator_leaves()
    {
        using (var trace = await RunningTrace.StartAsync(Here, "user=bob"))
        {
            await Eventually.IsTrueAsync(() => There.Get<LiveTrace>().IsOn);
            var (here, there) = (await ConnectAsync(Here, "bob"), await ConnectAsync(There, "bob"));
            await here.DisposeAsync();
            await there.DisposeAsync();

            var closed = 0;
            var events = await trace.ReadUntilAsync(one => WordOf(one) == "closed" && ++closed == 2);

            Assert.That(events.Where(one => WordOf(one) == "connected").Select(one => one.GetProperty("node").GetString()), Is.Unique.And.Exactly(2).Items);
        }

        await Eventually.IsTrueAsync(() => !Here.Get<LiveTrace>().IsOn && !There.Get<LiveTrace>().IsOn);
    }

    private static string? WordOf(JsonElement one) => one.GetProperty("event").GetString();
}
