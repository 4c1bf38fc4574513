using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Explain;

/// <summary>With locks and grants in Redis, an answer says whether the node knew it.</summary>
public sealed class ExplainRedisTests() : RunningBrokerTests(TestStore.Redis)
{
    [Test]
    public async Task The_first_answer_comes_from_the_store_and_the_next_from_memory()
    {
        await Broker.Store.LockAsync(TestChannel.Named("agent.alice.x"));
        await Eventually.IsTrueAsync(async () => await AskAsync() is ("locked", "memory"));

        await Broker.Store.GrantAsync(TestChannel.Named("agent.alice.x"), "bob");

        Assert.That(await AskAsync(), Is.EqualTo(("granted", "store")));
    }

    private async Task<(string?, string?)> AskAsync()
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, "/api/explain?channel=agent.alice.x&action=subscribe&user=bob", null, ("X-API-Key", RunningBroker.Key));
        using var json = JsonDocument.Parse(answer.Body);
        return (json.RootElement.GetProperty("rule").GetString(), json.RootElement.GetProperty("from").GetString());
    }
}
