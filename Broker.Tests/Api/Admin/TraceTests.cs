using System.Text.Json;
using ClawEvents.Broker.Telemetry.Following;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Admin;

/// <summary><c>GET /api/trace</c>.</summary>
public sealed class TraceTests : RunningBrokerTests
{
    [Test]
    public async Task Everything_that_a_user_does_is_told()
    {
        using var trace = await RunningTrace.StartAsync(Broker, "user=alice");
        var alice = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await alice.SubscribeAsync("public.a");
        await alice.AskAsync("""{"id":3,"publish":{"channel":"public.a","data":{"x":1}}}""");
        await alice.AskAsync("""{"id":4,"subscribe":{"channel":"nowhere:a"}}""");
        await alice.AskAsync("""{"id":5,"unsubscribe":{"channel":"public.a"}}""");
        await Broker.AskAsOperatorAsync("/api/disconnect", """{"user":"alice"}""");

        var events = await trace.ReadUntilAsync(one => WordOf(one) == "closed");

        Assert.That(events.Select(WordOf), Is.EqualTo(new[] { "connected", "subscribed", "published", "refused", "unsubscribed", "disconnecting", "closed" }));
        Assert.That(events.Select(one => one.GetProperty("user").GetString()), Is.All.EqualTo("alice"));
        Assert.That(events[2].GetProperty("data").GetString(), Does.Contain("\"payload\":{\"x\":1}"));
        Assert.That((events[3].GetProperty("code").GetInt32(), events[3].GetProperty("reason").GetString()), Is.EqualTo((102, "unknown channel")));
        Assert.That((events[3].GetProperty("action").GetString(), events[3].GetProperty("channel").GetString()), Is.EqualTo(("subscribe", "nowhere:a")));
    }

    [Test]
    public async Task What_happens_on_a_channel_is_told_whoever_does_it()
    {
        using var trace = await RunningTrace.StartAsync(Broker, "channel=public.a");
        var nobody = await Broker.ConnectAsync();
        await nobody.SubscribeAsync("public.a");
        await nobody.SubscribeAsync("public.b");
        await Broker.PublishAsync("public.b", "1");
        await Broker.PublishAsync("public.a", $"\"{new string('x', 1_000)}\"");

        var events = await trace.ReadUntilAsync(one => WordOf(one) == "published");

        Assert.That(events.Select(WordOf), Is.EqualTo(new[] { "subscribed", "published" }));
        Assert.That(events[1].TryGetProperty("user", out _), Is.False);
        Assert.That((events[1].GetProperty("bytes").GetInt32(), events[1].GetProperty("data").GetString()!.Length), Is.EqualTo((1_002, LiveTrace.MaxDataBytes)));
    }

    [Test]
    public async Task Whoever_leaves_is_told_nothing_any_more()
    {
        var trace = await RunningTrace.StartAsync(Broker, "user=");
        Assert.That(Broker.Get<LiveTrace>().IsOn, Is.True);

        trace.Dispose();

        await Eventually.IsTrueAsync(() => !Broker.Get<LiveTrace>().IsOn);
    }

    [Test]
    public async Task Only_so_many_follow_at_a_time()
    {
        var traces = new List<RunningTrace>();
        for (var i = 0; i < LiveTrace.MaxFollowers; i++)
        {
            traces.Add(await RunningTrace.StartAsync(Broker, $"user=u{i}"));
        }

        Assert.That((await Broker.SendAsOperatorAsync(HttpMethod.Get, "/api/trace?user=one-more")).Status, Is.EqualTo(429));
        traces.ForEach(trace => trace.Dispose());
    }

    [TestCase("")]
    [TestCase("channel=")]
    [TestCase("user=a&channel=public.a")]
    public async Task One_subject_is_named(string query) =>
        Assert.That(await Broker.SendAsOperatorAsync(HttpMethod.Get, $"/api/trace?{query}"), Is.EqualTo(RunningAnswer.Error(400, "user or channel required, one of them")));

    private static string? WordOf(JsonElement one) => one.GetProperty("event").GetString();
}
