using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The timers of a whole broker, heard over a socket.</summary>
internal sealed class TimerTests
{
    [Test]
    public async Task A_listener_gets_each_tick_once_and_bare()
    {
        var clock = new ManualTimeProvider();
        await using var broker = await RunningBroker.StartAsync(options => options with { Connections = options.Connections with { PingInterval = TimeSpan.Zero } }, clock);
        var client = await broker.ConnectAsync();
        await client.SubscribeAsync("system.timer.second");
        await client.SubscribeAsync("system.timer.minute", id: 3);

        // From 03:04:05 to 03:05:01.
        clock.Advance(TimeSpan.FromSeconds(56));

        for (var second = 6; second < 60; second++)
        {
            Assert.That(await client.ReadMessageAsync(), Does.Contain($"\"iso\":\"2026-01-02T03:04:{second:00}.000Z\",\"event\":\"second\""));
        }

        // Channels have no order among each other.
        string[] last = [await client.ReadMessageAsync(), await client.ReadMessageAsync(), await client.ReadMessageAsync()];
        Assert.That(last, Has.One.EqualTo(
            """{"push":{"channel":"system.timer.second","pub":{"data":{"timestamp":"2026-01-02T03:05:00.000Z","unix":1767323100000,"year":2026,"month":1,"day":2,"hour":3,"minute":5,"second":0,"iso":"2026-01-02T03:05:00.000Z","event":"second"}}}}"""));
        Assert.That(last, Has.One.EqualTo(
            """{"push":{"channel":"system.timer.minute","pub":{"data":{"timestamp":"2026-01-02T03:05:00.000Z","unix":1767323100000,"year":2026,"month":1,"day":2,"hour":3,"minute":5,"second":0,"iso":"2026-01-02T03:05:00.000Z","event":"minute"}}}}"""));
        Assert.That(last, Has.One.Contains("\"iso\":\"2026-01-02T03:05:01.000Z\",\"event\":\"second\"}"));
    }

    [Test]
    public async Task The_system_clock_drives_the_timers()
    {
        await using var broker = await RunningBroker.StartAsync();
        var client = await broker.ConnectAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await client.SubscribeAsync("system.timer.second");

        var data = await client.ReadPublicationAsync();

        using var json = System.Text.Json.JsonDocument.Parse(data);
        var told = json.RootElement.GetProperty("unix").GetInt64();
        Assert.That(told % 1000, Is.Zero);
        Assert.That(told / 1000, Is.InRange(before, DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
    }
}
