using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Maps;

internal sealed class MemoryMapEngineTests : MapEngineContract
{
    private readonly ManualTimeProvider _time = new();

    private protected override IMapEngine Create(IChannelReceiver receiver) => new MemoryMapEngine(receiver, new(), _time);

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}

/// <summary>The settings of the embedded engine.</summary>
internal sealed class MemoryMapEngineSettingsTests
{
    [Test]
    public async Task A_change_with_an_idempotency_key_counts_as_another_one_when_the_time_of_the_settings_is_over()
    {
        var time = new ManualTimeProvider();
        using var engine = new MemoryMapEngine(new RecordingReceiver(), new() { IdempotencyTtl = TimeSpan.FromSeconds(20) }, time);
        var outcomes = new List<MapOutcome>();
        foreach (var pause in new[] { 0, 18, 4 })
        {
            time.Advance(TimeSpan.FromSeconds(pause));
            outcomes.Add((await engine.PublishAsync(TestChannel.Named("map:x"), TestMaps.Persistent, new() { Key = "a", Publication = new("1".Utf8()), IdempotencyKey = "p" })).Outcome);
        }

        Assert.That(outcomes, Is.EqualTo(new[] { MapOutcome.Applied, MapOutcome.Repeated, MapOutcome.Applied }));
    }
}

internal sealed class MemoryMapEnginePagesTests : MapEnginePagesContract
{
    private readonly ManualTimeProvider _time = new();

    private protected override IMapEngine Create(IChannelReceiver receiver) => new MemoryMapEngine(receiver, new(), _time);

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}

internal sealed class MemoryMapEngineTimeTests : MapEngineTimeContract
{
    private readonly ManualTimeProvider _time = new();

    private protected override IMapEngine Create(IChannelReceiver receiver) => new MemoryMapEngine(receiver, new(), _time);

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MemoryMapEngineModelTests : MapEngineModelContract
{
    private readonly ManualTimeProvider _time = new();

    private protected override IMapEngine Create(IChannelReceiver receiver) => new MemoryMapEngine(receiver, new(), _time);

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}

/// <summary>The memory of maps is bounded, and freed when its time has passed even if nobody asks.</summary>
internal sealed class MemoryMapEngineMemoryTests : IDisposable
{
    private static readonly MapOptions Persistent = new() { Mode = MapMode.Persistent, StreamSize = 10, StreamTtl = TimeSpan.FromSeconds(60) };
    private static readonly MapOptions Ephemeral = new() { KeyTtl = TimeSpan.FromSeconds(30), MetaTtl = TimeSpan.FromSeconds(600) };

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryMapEngine _engine;

    public MemoryMapEngineMemoryTests() => _engine = new(new RecordingReceiver(), new(), _time, maxBytes: 100_000);

    public void Dispose() => _engine.Dispose();

    [Test]
    public async Task Everything_of_an_ephemeral_map_is_freed_in_time()
    {
        await PublishAsync(Ephemeral, 0, "a", 10_000);
        var used = _engine.UsedBytes;
        _time.Advance(TimeSpan.FromSeconds(31));
        var (withoutKeys, maps) = (_engine.UsedBytes, _engine.MapCount);
        _time.Advance(TimeSpan.FromSeconds(600));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(used, Is.InRange(10_000, 13_000));
            Assert.That(withoutKeys, Is.LessThan(2_000));
            Assert.That((maps, _engine.MapCount, _engine.UsedBytes), Is.EqualTo((1, 0, 0L)));
        }
    }

    [Test]
    public async Task Values_that_are_replaced_are_freed()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.That((await PublishAsync(Ephemeral, 0, "a", 10_000)).Outcome, Is.EqualTo(MapOutcome.Applied));
        }

        Assert.That(_engine.UsedBytes, Is.LessThan(13_000));
    }

    [Test]
    public async Task A_change_that_finds_no_room_is_refused_and_nothing_is_lost()
    {
        MapResult result;
        var count = 0;
        while ((result = await PublishAsync(Persistent, count, "a", 10_000)).Outcome is MapOutcome.Applied)
        {
            count++;
        }

        Assert.That((result.Outcome, result.SuppressReason), Is.EqualTo((MapOutcome.Full, (string?)null)));
        Assert.That(count, Is.InRange(4, 10));
        Assert.That(await _engine.CountAsync(Channel(0)), Is.EqualTo(1));

        await _engine.RemoveAsync(Channel(0), Persistent, new("a"));
        await _engine.ClearAsync(Channel(0), Persistent);

        Assert.That((await PublishAsync(Persistent, 0, "b", 100)).Outcome, Is.EqualTo(MapOutcome.Applied));
    }

    [Test]
    public async Task Maps_without_keys_make_room_for_others()
    {
        for (var i = 0; i < 1000; i++)
        {
            await _engine.ReadStateAsync(Channel(i), Persistent, new(10));
        }

        Assert.That(_engine.MapCount, Is.LessThan(100));
        Assert.That((await PublishAsync(Persistent, 0, "a", 100)).Outcome, Is.EqualTo(MapOutcome.Applied));
    }

    private static ChannelName Channel(int number) => TestChannel.Named($"map:{number}");

    private async Task<MapResult> PublishAsync(MapOptions options, int map, string key, int bytes) =>
        await _engine.PublishAsync(Channel(map), options, new() { Key = key, Publication = new(new byte[bytes]) });
}

/// <summary>Maps that many threads use at the same time.</summary>
internal sealed class MemoryMapEngineConcurrencyTests : IDisposable
{
    private const int Threads = 4;
    private const int Changes = 2_000;

    private readonly RecordingReceiver _receiver = new();
    private readonly MemoryMapEngine _engine;

    public MemoryMapEngineConcurrencyTests() => _engine = new(_receiver, new(), TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [Test]
    public async Task The_deliveries_in_their_order_make_the_state()
    {
        var options = new MapOptions { Mode = MapMode.Persistent, StreamSize = 100, StreamTtl = TimeSpan.FromMinutes(1) };
        var channel = TestChannel.Named("map:busy");

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            for (var i = 0; i < Changes; i++)
            {
                var key = $"k{random.Next(20)}";
                _ = random.Next(3) == 0
                    ? await _engine.RemoveAsync(channel, options, new(key))
                    : await _engine.PublishAsync(channel, options, new() { Key = key, Publication = new($"{thread}/{i}".Utf8()) });
            }
        })));

        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (index, one) in _receiver.Deliveries.Index())
        {
            Assert.That(one.Position.Offset, Is.EqualTo((ulong)index + 1));
            if (one.Change!.Removed)
            {
                Assert.That(state.Remove(one.Change.Key), Is.True);
            }
            else
            {
                state[one.Change.Key] = one.Data;
            }
        }

        var page = await _engine.ReadStateAsync(channel, options, new(-1));
        Assert.That(page.Entries.ToDictionary(entry => entry.Key, entry => entry.Publication.Data.Text()), Is.EqualTo(state));
    }
}

/// <summary>Allocations of a change in the embedded engine.</summary>
internal sealed class MapEngineAllocationTests : IDisposable
{
    private readonly ChannelName _channel = TestChannel.Named("map:hot");
    private readonly byte[] _payload = new byte[200];
    private readonly MemoryMapEngine _engine = new(new DeafReceiver(), new(), TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [TestCase(MapMode.Ephemeral)]
    [TestCase(MapMode.Recoverable)]
    public void Only_what_is_kept_is_allocated(MapMode mode)
    {
        var options = new MapOptions { Mode = mode, KeyTtl = TimeSpan.FromMinutes(1), StreamSize = 100, StreamTtl = TimeSpan.FromMinutes(1), MetaTtl = TimeSpan.FromHours(1) };

        var perCall = Allocations.PerCall(() => Publish(options));

        Assert.That(perCall, Is.InRange(_payload.Length, _payload.Length + 124), "a copy of the payload, and an object around it");
    }

    private void Publish(MapOptions options)
    {
        var publishing = _engine.PublishAsync(_channel, options, new() { Key = "a", Publication = new(_payload), WantsDelta = true });
        AssertIsNow(publishing.IsCompletedSuccessfully);
    }

    // A constraint would allocate.
    private static void AssertIsNow(bool isCompleted)
    {
        if (!isCompleted)
        {
            Assert.Fail("The embedded engine answers before it returns.");
        }
    }
}
