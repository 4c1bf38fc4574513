using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary><c>GET /api/top</c> of two nodes: each publication counts once, each delivery where it was made.</summary>
public sealed class TopOfTwoNodesTests : TwoBrokersTests
{
    [Test]
    public async Task Both_nodes_are_added_up_or_asked_alone()
    {
        var (alice, bob) = (await ConnectAsync(Here, "alice"), await ConnectAsync(There, "bob"));
        await alice.SubscribeAsync("chat:a");
        await bob.SubscribeAsync("chat:a");
        await AskAsync(Here, "channel=chat:a");
        foreach (var node in new[] { Here, There, There })
        {
            await node.PublishAsync("chat:a", "1");
            await alice.ReadMessageAsync();
            await bob.ReadMessageAsync();
        }

        var all = await AskAsync(Here, "");
        var nodes = all.GetProperty("nodes").EnumerateArray().Select(node => node.GetString()!).ToArray();
        var exact = (await AskAsync(There, "channel=chat:a")).GetProperty("channels")[0];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(nodes, Has.Length.EqualTo(2));
            Assert.That(CountOf(all), Is.EqualTo(3));
            Assert.That(CountOf(await AskAsync(Here, $"node={nodes[0]}")), Is.EqualTo(1));
            Assert.That(CountOf(await AskAsync(Here, $"node={nodes[1]}")), Is.EqualTo(2));
            Assert.That(CountOf(await AskAsync(There, "by=deliveries")), Is.EqualTo(6));
            Assert.That(CountOf(await AskAsync(There, "by=subscribers")), Is.EqualTo(2));
            Assert.That((exact.GetProperty("messages").GetInt32(), exact.GetProperty("bytes").GetInt32(), exact.GetProperty("deliveries").GetInt32(), exact.GetProperty("subscribers").GetInt32()), Is.EqualTo((3, 3, 6, 2)));
        }
    }

    private static int CountOf(JsonElement top) =>
        top.GetProperty("channels").EnumerateArray().Single(row => row.GetProperty("channel").GetString() == "chat:a").GetProperty("count").GetInt32();

    private static async Task<JsonElement> AskAsync(RunningBroker node, string query)
    {
        var answer = await node.SendAsync(HttpMethod.Get, $"/api/top?{query}", null, ("X-API-Key", RunningBroker.Key));
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return JsonDocument.Parse(answer.Body).RootElement;
    }
}
