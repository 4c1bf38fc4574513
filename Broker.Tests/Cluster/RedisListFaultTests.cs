using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cluster;

/// <summary>Two nodes and two independent servers, of which the second fails.</summary>
internal sealed class RedisListFaultTests : IAsyncDisposable
{
    private static readonly HistoryOptions Thousand = new(1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BackBound = TimeSpan.FromSeconds(5);

    private readonly ChannelName _stays = NameOn(0);
    private readonly ChannelName _goes = NameOn(1);
    private RunningRedis _first = null!;
    private RunningRedis _second = null!;
    private RunningNode _here = null!;
    private RunningNode _there = null!;

    [SetUp]
    public async Task Start()
    {
        _first = await RunningRedis.StartAsync();
        _second = await RunningRedis.StartAsync();
        _here = new RunningNode(_first.Address(), _second.Address());
        _there = new RunningNode(_first.Address(), _second.Address());
        foreach (var channel in (ChannelName[])[_stays, _goes])
        {
            await _here.Bus.SubscribeAsync(channel);
            await _there.Bus.SubscribeAsync(channel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [TestCase("killed")]
    [TestCase("silent")]
    public async Task When_one_server_fails_only_its_channels_are_refused(string how)
    {
        await _there.PublishAsync(_goes, "before", Thousand);
        await (how == "killed" ? _second.KillAsync() : _second.StopAsync());

        var told = await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is not null);
        var begun = Stopwatch.GetTimestamp();
        Assert.That(async () => await _here.PublishAsync(_goes, "lost", Thousand), Throws.InstanceOf<StoreUnavailableException>());
        Assert.That(async () => await _here.PublishAsync(_goes, "lost"), Throws.InstanceOf<StoreUnavailableException>());
        var refused = Stopwatch.GetElapsedTime(begun);
        await _here.PublishAsync(_stays, "meanwhile", Thousand);
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "meanwhile"));
        var fault = await _here.Bus.FindFaultAsync();
        await (how == "killed" ? _second.StartAgainAsync() : _second.ContinueAsync());
        var back = await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null && await _there.Bus.FindFaultAsync() is null);
        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 1 && _there.Deliveries.Interruptions.Length == 1);
        await _here.PublishAsync(_goes, "after", Thousand);
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "after"));

        await TestContext.Out.WriteLineAsync($"notified after {told.TotalMilliseconds:F0} ms, refused within {refused.TotalMilliseconds:F0} ms, back after {back.TotalMilliseconds:F0} ms");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(told, Is.LessThan(AnswerBound));
            Assert.That(refused, Is.LessThan(2 * AnswerBound));
            Assert.That(back, Is.LessThan(BackBound));
            Assert.That(fault, Does.Contain(_second.Endpoint.ToString()).And.Not.Contains(_first.Endpoint.ToString()));
            Assert.That(_there.Deliveries.Interruptions.Single().Channel, Is.EqualTo(_goes));
            Assert.That(_there.Deliveries.Deliveries.Select(delivery => delivery.Data), Is.EqualTo(new[] { "before", "meanwhile", "after" }));
        }
    }

    [Test]
    public async Task When_the_subscriptions_at_one_server_are_killed_only_its_channels_are_interrupted()
    {
        await _second.AskAsync("CLIENT", "KILL", "TYPE", "pubsub");

        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 1 && _there.Deliveries.Interruptions.Length == 1);
        await _here.PublishAsync(_stays, "a");
        await _here.PublishAsync(_goes, "b");

        await _there.Deliveries.WaitForAsync(2);
        Assert.That(_there.Deliveries.Interruptions.Select(told => told.Channel), Is.EqualTo(new[] { _goes }));
        Assert.That(_there.Orders.Interruptions, Is.Zero, "orders are at the first");
    }

    [Test]
    public async Task Each_server_has_its_part_of_the_channels_and_no_other()
    {
        const int count = 400;
        for (var i = 0; i < count; i++)
        {
            await (i % 2 == 0 ? _here : _there).PublishAsync(TestChannel.Named($"public.{i}"), "x", Thousand);
        }

        var kept = await Task.WhenAll(_first.AskAsync("KEYS", "clawevents:stream:*"), _second.AskAsync("KEYS", "clawevents:stream:*"));
        var names = kept.Select(keys => keys.Items.ToArray().Select(key => key.ToString().Split('{', '}')[1]["channel:".Length..]).ToArray()).ToArray();

        Assert.That(names[0].Concat(names[1]), Is.Unique.And.Exactly(count).Items);
        Assert.That(names[0], Has.Length.InRange(0.4 * count, 0.6 * count));
        Assert.That(names[1].Select(name => ChannelHash.ShardOf(name, 2)), Is.All.EqualTo(1));
    }

    private static ChannelName NameOn(int server) =>
        Enumerable.Range(0, 100).Select(i => TestChannel.Named($"public.{i}")).First(channel => ChannelHash.ShardOf(channel.Value, 2) == server);
}
