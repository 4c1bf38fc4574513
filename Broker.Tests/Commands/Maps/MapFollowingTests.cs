using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Commands.Maps;

/// <summary>Clients that read a map while it changes end up with what is in it, whatever comes between their pages and between a read and its answer.</summary>
internal sealed class MapFollowingTests : IDisposable
{
    private static readonly string[] Keys = ["a", "b", "c", "d", "e", "f", "g"];

    private static readonly MapOptions Small = TestMaps.Persistent with { MinPageSize = 1, MaxPageSize = 3, StreamSize = 6, LiveTransitionLimit = 4, CatchUpTimeout = TimeSpan.FromHours(1) };

    private readonly ChannelName _channel = TestChannel.Named("map:a");

    private BrokerRig _rig = null!;
    private ActingMapEngine _engine = null!;
    private MapOptions _options = null!;

    public void Dispose() => _rig?.Dispose();

    public static IEnumerable<TestCaseData> Cases() =>
        from mode in Enum.GetValues<MapMode>()
        from isOrdered in new[] { false, true }
        from delta in new[] { false, true }
        from seed in Enumerable.Range(1, 5)
        select new TestCaseData(mode, isOrdered, delta, seed);

    [TestCaseSource(nameof(Cases))]
    public async Task A_client_that_is_live_has_what_the_map_has(MapMode mode, bool isOrdered, bool delta, int seed)
    {
        Start(mode, isOrdered, delta);
        var random = new Random(seed);
        var mirrors = Enumerable.Range(0, 3).Select(_ => new MapMirror(() => new ClientLink(_rig).Connected(), "map:a", delta)).ToArray();
        _engine.AfterRead = () => Change(random, random.Next(3));
        for (var round = 0; round < 400; round++)
        {
            Change(random, random.Next(3));
            if (random.Next(10) == 0)
            {
                // Keys expire.
                _rig.Time.Advance(TimeSpan.FromSeconds(1));
            }

            var mirror = mirrors[random.Next(mirrors.Length)];
            if (random.Next(20) == 0)
            {
                mirror.Leave();
            }

            mirror.Step();
            if (random.Next(50) == 0)
            {
                await AssertSameAsync(mirrors);
            }
        }

        await AssertSameAsync(mirrors);
        Assert.That(mirrors.Sum(mirror => mirror.Patches), delta ? Is.Positive : Is.Zero);
    }

    private void Start(MapMode mode, bool isOrdered, bool delta)
    {
        _options = mode is MapMode.Persistent ? Small : Small with { KeyTtl = TimeSpan.FromSeconds(2), MetaTtl = TimeSpan.FromMinutes(10) };
        _options = _options with { Mode = mode, IsOrdered = isOrdered, StreamSize = mode is MapMode.Ephemeral ? 0 : Small.StreamSize };
        var maps = TestMaps.Open(_options) with { AllowFossilDelta = delta, DeltaPublish = delta };
        _rig = new(TestNamespaces.Only(("map", maps)) with { Connections = new() { PingInterval = TimeSpan.Zero, CommandsPerSecond = 0 } }, maps: inner => _engine = new ActingMapEngine(inner));

        // Made when it is first asked for.
        Assert.That(_rig.Maps, Is.SameAs(_engine));
    }

    // Everything becomes quiet: each client gets to its end.
    private async Task AssertSameAsync(MapMirror[] mirrors)
    {
        var act = _engine.AfterRead;
        _engine.AfterRead = null;
        foreach (var mirror in mirrors)
        {
            mirror.Take();
            for (var steps = 0; !mirror.IsLive && steps < 50; steps++)
            {
                mirror.Step();
            }
        }

        var page = await _engine.ReadStateAsync(_channel, _options, new(MapOptions.MostPerPage));
        var expected = page.Entries.Select(entry => $"{entry.Key}={entry.Publication.Data.Text()}").Order(StringComparer.Ordinal).ToArray();
        foreach (var mirror in mirrors)
        {
            Assert.That(mirror.IsLive, Is.True, mirror.LastMessage);
            Assert.That(mirror.Entries.Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal), Is.EqualTo(expected));
        }

        _engine.AfterRead = act;
    }

    private void Change(Random random, int times)
    {
        for (var i = 0; i < times; i++)
        {
            switch (random.Next(30))
            {
                case < 20:
                    Publish(Keys[random.Next(Keys.Length)], random);
                    break;
                case < 27:
                    _ = _engine.RemoveAsync(_channel, _options, new(Keys[random.Next(Keys.Length)])).AsTask();
                    break;
                default:
                    _ = _engine.ClearAsync(_channel, _options).AsTask();
                    break;
            }
        }
    }

    private void Publish(string key, Random random) => _ = _engine.PublishAsync(_channel, _options, new MapChange
    {
        Key = key,
        Publication = new($"{{\"text\":\"{new string('x', 200)}\",\"n\":{random.Next(1_000)}}}".Utf8()),
        Score = random.Next(5),
        WantsDelta = true,
    }).AsTask();
}
