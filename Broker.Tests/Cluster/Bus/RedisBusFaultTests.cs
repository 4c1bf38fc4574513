using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using StackExchange.Redis;
using StreamPosition = ClawEvents.Broker.Channels.StreamPosition;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>Two nodes whose Redis becomes unavailable in different ways.</summary>
internal sealed class RedisBusFaultTests : IAsyncDisposable
{
    private static readonly HistoryOptions Thousand = new(1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

    // Two seconds, and one for what other tests take of the processor.
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BackBound = TimeSpan.FromSeconds(5);

    private readonly ChannelName _kept = TestChannel.Named("public.kept");
    private readonly ChannelName _passing = TestChannel.Named("public.passing");
    private RunningRedis _redis = null!;
    private RunningForwarder _way = null!;
    private RunningNode _here = null!;
    private RunningNode _there = null!;

    [SetUp]
    public async Task Start()
    {
        _redis = await RunningRedis.StartAsync();
        _way = new RunningForwarder(_redis.Port);
        _here = new RunningNode(AddressOf(_way.Port));
        _there = new RunningNode(_redis.Address());

        // The first connections may take longer than an answer, beside many other tests.
        await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null && await _there.Bus.FindFaultAsync() is null, "the nodes never reach Redis");
        foreach (var channel in (ChannelName[])[_kept, _passing])
        {
            await _here.Bus.SubscribeAsync(channel);
            await _there.Bus.SubscribeAsync(channel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _way.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Test]
    public async Task Killed_subscriptions_are_restored_and_subscribers_learn_of_the_gap()
    {
        var first = await _there.PublishAsync(_kept, "a", Thousand);
        await _here.Deliveries.WaitForAsync(1);

        for (var round = 1; round <= 3; round++)
        {
            await ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await _there.PublishAsync(_kept, "while nobody hears", Thousand);
            var rounds = round;
            await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 2 * rounds && _there.Deliveries.Interruptions.Length == 2 * rounds);
        }

        await _there.PublishAsync(_kept, "b", Thousand);
        await Eventually.IsTrueAsync(() => _here.Deliveries.Deliveries.Any(delivery => delivery.Data == "b"));
        var interruptions = _here.Deliveries.Interruptions;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(interruptions.Where(told => told.Channel == _passing).Select(told => told.Top), Is.All.Null);
            Assert.That(interruptions.Where(told => told.Channel == _kept).Select(told => told.Top!.Value.Epoch), Is.All.EqualTo(first.Position.Epoch));
            Assert.That(interruptions.Where(told => told.Channel == _kept).Select(told => told.Top!.Value.Offset), Is.EqualTo(new[] { 2UL, 3UL, 4UL }));
            Assert.That(_here.Orders.Interruptions, Is.EqualTo(3));
            Assert.That(_here.Errors, Is.Empty);
        }
    }

    [Test]
    public async Task Publications_up_to_the_position_of_an_interruption_never_arrive_after_it()
    {
        var tracked = new TrackingReceiver();
        await using var node = new RunningNode(tracked, _redis.Address());
        await node.Bus.SubscribeAsync(_kept);
        for (var round = 1; round <= 5; round++)
        {
            using var stop = new CancellationTokenSource();
            var publishing = PublishUntilAsync(stop.Token);
            await ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            var rounds = round;
            await Eventually.IsTrueAsync(() => tracked.Interruptions == rounds);
            await stop.CancelAsync();
            await publishing;
        }

        var last = await _there.PublishAsync(_kept, "last", Thousand);
        await Eventually.IsTrueAsync(() => tracked.Last == last.Position.Offset);
        Assert.That(tracked.TooLate, Is.Empty);
        Assert.That(tracked.Unnoticed, Is.Empty);
    }

    [Test]
    public async Task When_Redis_is_killed_operations_fail_fast_and_work_after_its_return()
    {
        await _there.PublishAsync(_kept, "a", Thousand);
        await _redis.KillAsync();

        await AssertRefusedAsync(_here);
        var fault = await _here.Bus.FindFaultAsync();
        await _redis.StartAgainAsync();
        var took = await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null && await _there.Bus.FindFaultAsync() is null);

        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 2 && _there.Deliveries.Interruptions.Length == 2);
        var first = await _here.PublishAsync(_kept, "anew", Thousand);
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "anew"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault, Is.Not.Null);
            Assert.That(took, Is.LessThan(BackBound));
            Assert.That(_here.Deliveries.Interruptions.Select(told => told.Top), Is.All.Null, "it kept nothing");
            Assert.That(first.Position.Offset, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task When_Redis_is_silent_operations_fail_fast_and_work_when_it_continues()
    {
        var first = await _there.PublishAsync(_kept, "a", Thousand);
        await _redis.StopAsync();

        await AssertRefusedAsync(_here);
        await AssertRefusedAsync(_there);
        var fault = await _here.Bus.FindFaultAsync();
        await _redis.ContinueAsync();
        var took = await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null && await _there.Bus.FindFaultAsync() is null);

        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 2);
        var second = await _here.PublishAsync(_kept, "b", Thousand);
        await Eventually.IsTrueAsync(() => _there.Deliveries.Deliveries.Any(delivery => delivery.Data == "b"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault, Is.Not.Null);
            Assert.That(took, Is.LessThan(BackBound));
            Assert.That(second.Position.Epoch, Is.EqualTo(first.Position.Epoch));
        }
    }

    [Test]
    public async Task A_disconnected_node_notices_it_and_the_other_node_goes_on()
    {
        var before = await _here.PublishAsync(_kept, "a", Thousand);
        _way.Hold();

        await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is not null);
        await AssertRefusedAsync(_here);
        var meanwhile = await _there.PublishAsync(_kept, "meanwhile", Thousand);
        await _there.PublishAsync(_passing, "meanwhile");
        _way.Release();
        await Eventually.IsTrueAsync(() => _here.Deliveries.Interruptions.Length == 2);

        var missed = await _here.Engine.ReadHistoryAsync(_kept, new(-1, before.Position), Thousand.MetaTtl);
        Assert.That(missed.Publications.Select(stored => stored.Publication.Data.Text()), Does.Contain("meanwhile"));
        Assert.That(_here.Deliveries.Interruptions.Single(told => told.Channel == _kept).Top!.Value.Offset, Is.GreaterThanOrEqualTo(meanwhile.Position.Offset));
        Assert.That(_there.Deliveries.Interruptions, Is.Empty);
    }

    [Test]
    public async Task Acknowledged_publications_are_stored_and_refused_ones_may_be()
    {
        using var stop = new CancellationTokenSource();
        var count = 0;
        var acknowledged = new List<string>();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                try
                {
                    await _there.PublishAsync(_kept, $"{i}", new(1_000_000, TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
                    acknowledged.Add($"{i}");
                    Volatile.Write(ref count, acknowledged.Count);
                }
                catch (StoreUnavailableException)
                {
                    // It may be there all the same.
                    await Task.Delay(1);
                }
            }
        });
        for (var i = 0; i < 10; i++)
        {
            var before = Volatile.Read(ref count);
            await ExecuteAsync("CLIENT", "KILL", "TYPE", i % 2 == 0 ? "normal" : "pubsub");
            await Eventually.IsTrueAsync(() => Volatile.Read(ref count) > before, "nothing is acknowledged any more");
        }

        await stop.CancelAsync();
        await publishing;
        await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null);
        var page = await _here.Engine.ReadHistoryAsync(_kept, new(-1), Thousand.MetaTtl);
        var kept = page.Publications.Select(stored => stored.Publication.Data.Text()).ToArray();
        Assert.That(kept, Is.Unique);
        Assert.That(acknowledged.Except(kept), Is.Empty);
        Assert.That(acknowledged, Is.Not.Empty);
    }

    [Test]
    public async Task A_subscribe_during_an_outage_fails_fast_and_succeeds_later()
    {
        await _redis.KillAsync();
        var other = TestChannel.Named("public.other");

        var begun = Stopwatch.GetTimestamp();
        Assert.That(async () => await _here.Bus.SubscribeAsync(other), Throws.InstanceOf<StoreUnavailableException>());
        var took = Stopwatch.GetElapsedTime(begun);
        await _redis.StartAgainAsync();
        await Eventually.IsTrueAsync(async () => await _here.Bus.FindFaultAsync() is null);
        await _here.Bus.SubscribeAsync(other);
        await _here.PublishAsync(other, "x");

        await Eventually.IsTrueAsync(() => _here.Deliveries.Deliveries.Any(delivery => delivery.Channel == other));
        Assert.That(took, Is.LessThan(AnswerBound));
    }

    [Test]
    public async Task Many_channels_are_restored_within_bounds()
    {
        var channels = Enumerable.Range(0, 5_000).Select(i => TestChannel.Named($"public.{i}")).ToArray();
        await Task.WhenAll(channels.Select(channel => _here.Bus.SubscribeAsync(channel).AsTask()));

        await ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        var took = await Eventually.IsTrueAsync(() => Task.FromResult(_here.Deliveries.Interruptions.Length == channels.Length + 2));

        Assert.That(took, Is.LessThan(BackBound));
        await TestContext.Out.WriteLineAsync($"{channels.Length} channels were back after {took.TotalMilliseconds:F0} ms");
    }

    [Test]
    public async Task Scripts_that_the_server_has_forgotten_are_loaded_again()
    {
        await _here.PublishAsync(_kept, "a", Thousand);

        await ExecuteAsync("SCRIPT", "FLUSH");
        var second = await _here.PublishAsync(_kept, "b", Thousand);

        Assert.That(second.Position.Offset, Is.EqualTo(2));
    }

    [TestCase("out of memory")]
    [TestCase("NOREPLICAS")]
    public async Task A_server_that_cannot_write_counts_as_unavailable_and_publishes_nothing(string why)
    {
        await (why == "out of memory" ? ExecuteAsync("CONFIG", "SET", "maxmemory", "1") : ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "1"));

        Assert.That(async () => await _here.PublishAsync(_kept, "a", Thousand), Throws.InstanceOf<StoreUnavailableException>().With.Message.Contains(why));
        await ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        var first = await _here.PublishAsync(_kept, "b", Thousand);

        Assert.That(first.Position.Offset, Is.EqualTo(1));
        Assert.That((await _here.Deliveries.WaitForAsync(1)).Single().Data, Is.EqualTo("b"));
    }

    [Test]
    public async Task A_key_with_an_unexpected_value_is_reported_and_left_unchanged()
    {
        await ExecuteAsync("SET", "clawevents:meta:{channel:public.kept}", "not ours");

        Assert.That(async () => await _here.PublishAsync(_kept, "a", Thousand), Throws.InstanceOf<InvalidDataException>());
        Assert.That((string?)await ExecuteAsync("GET", "clawevents:meta:{channel:public.kept}"), Is.EqualTo("not ours"));
    }

    private async Task PublishUntilAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await _there.PublishAsync(_kept, "x", Thousand);
        }
    }

    private static async Task AssertRefusedAsync(RunningNode node)
    {
        var begun = Stopwatch.GetTimestamp();
        Assert.That(async () => await node.PublishAsync(TestChannel.Named("public.kept"), "lost", Thousand), Throws.InstanceOf<StoreUnavailableException>());
        Assert.That(async () => await node.PublishAsync(TestChannel.Named("public.passing"), "lost"), Throws.InstanceOf<StoreUnavailableException>());
        Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(2 * AnswerBound));
    }

    private static RedisAddress AddressOf(int port) =>
        RedisAddress.TryParse($"redis://127.0.0.1:{port}", out var address) ? address : throw new InvalidOperationException();

    private async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        using var operators = await _redis.ConnectAsync();
        return await operators.GetDatabase().ExecuteAsync(command, arguments);
    }

    /// <summary>A subscriber that tracks its position, and starts again from the position of an interruption.</summary>
    private sealed class TrackingReceiver : IChannelReceiver
    {
        private PositionTracker _tracker = new(new(0, ""));
        private ulong _told;
        private int _interruptions;
        private ulong _last;

        /// <summary>Publications that arrived after an interruption that should cover them.</summary>
        public List<ulong> TooLate { get; } = [];

        /// <summary>Publications that were skipped without an interruption.</summary>
        public List<ulong> Unnoticed { get; } = [];

        public int Interruptions => Volatile.Read(ref _interruptions);

        public ulong Last => Volatile.Read(ref _last);

        public void Deliver(ChannelName channel, in DeliveredPublication publication)
        {
            var offset = publication.Position.Offset;
            if (offset <= _told)
            {
                TooLate.Add(offset);
            }

            switch (_tracker.Next(publication.Position))
            {
                case PositionStep.InsufficientState:
                    // The gap is seen: the client would subscribe again from here.
                    _tracker = new(publication.Position);
                    break;
                case PositionStep.Skip:
                    Unnoticed.Add(offset);
                    break;
            }

            Volatile.Write(ref _last, offset);
        }

        public void DeliverInterruption(ChannelName channel, StreamPosition? top)
        {
            _told = top!.Value.Offset;
            if (!_tracker.HasReached(top.Value))
            {
                _tracker = new(top.Value);
            }

            Interlocked.Increment(ref _interruptions);
        }

        public void DeliverJoin(ChannelName channel, Broker.Channels.ClientInfo client)
        {
        }

        public void DeliverLeave(ChannelName channel, Broker.Channels.ClientInfo client)
        {
        }
    }
}
