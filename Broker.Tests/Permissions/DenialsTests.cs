using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Permissions;

/// <summary>Refusals by the permissions, at every door, are counted by rule and action.</summary>
public sealed class DenialsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with { Telemetry = options.Telemetry with { ShowsMetrics = true } };

    [Test]
    public async Task Denials_are_counted_by_rule_and_action()
    {
        await Broker.Store.LockAsync(TestChannel.Named("agent.alice.x"));
        var token = await Broker.RegisterAsync("bob");
        var client = await Broker.ConnectAsync(token);
        await client.AskAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""");
        await client.AskAsync("""{"id":3,"subscribe":{"channel":"nowhere:x"}}""");
        await client.AskAsync("""{"id":4,"publish":{"channel":"agent.alice.x","data":1}}""");
        await client.AskAsync("""{"id":5,"history":{"channel":"public.a"}}""");
        await client.AskAsync("""{"id":6,"subscribe":{"channel":"public.a"}}""");
        await Broker.PostAsync("/api/publish", """{"channel":"agent.alice.x"}""", token);
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", token);
        await Broker.PostAsync("/api/lock", """{"channel":"agent.bob.x"}""", token);

        var metrics = await Broker.SendAsync(HttpMethod.Get, "/metrics", null);

        Assert.That(metrics.Body.Split('\n').Where(line => line.StartsWith("clawevents_denials_total{", StringComparison.Ordinal)), Is.EquivalentTo(new[]
        {
            "clawevents_denials_total{action=\"subscribe\",rule=\"locked\"} 1", "clawevents_denials_total{action=\"subscribe\",rule=\"unknown_namespace\"} 1",
            "clawevents_denials_total{action=\"publish\",rule=\"not_owner\"} 2", "clawevents_denials_total{action=\"history\",rule=\"switched_off\"} 1",
            "clawevents_denials_total{action=\"lock\",rule=\"not_owner\"} 1",
        }));
    }
}
