using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>The intervals at which presences are renewed and positions are checked, as the settings say.</summary>
internal sealed class SubscriptionUpkeepTests : IDisposable
{
    private readonly List<BrokerRig> _rigs = [];
    private UpkeepEngine _engine = null!;

    public void Dispose() => _rigs.ForEach(rig => rig.Dispose());

    [TestCase(5)]
    [TestCase(27)]
    [TestCase(120)]
    public void A_presence_is_renewed_at_the_interval_of_PresenceSeconds(int seconds)
    {
        var rig = Start(("PresenceSeconds", $"{seconds}"), ("PositionCheckSeconds", "7"));
        Subscribe(rig, "room:a");

        Assert.That(SecondsOf(rig, () => _engine.Renewals, 4 * seconds), Is.EqualTo(Enumerable.Range(1, 4).Select(i => i * seconds)));
    }

    [TestCase(5)]
    [TestCase(27)]
    [TestCase(120)]
    public void A_position_is_checked_at_the_interval_of_PositionCheckSeconds(int seconds)
    {
        var rig = Start(("PositionCheckSeconds", $"{seconds}"), ("PresenceSeconds", "7"));
        Subscribe(rig, "pos:a");

        Assert.That(SecondsOf(rig, () => _engine.Checks, 4 * seconds), Is.EqualTo(Enumerable.Range(1, 4).Select(i => i * seconds)));
    }

    [TestCase(5)]
    [TestCase(40)]
    public void A_subscription_that_misses_a_publication_ends_at_the_second_check(int seconds)
    {
        var rig = Start(("PositionCheckSeconds", $"{seconds}"));
        var link = Subscribe(rig, "pos:a");
        _engine.Lost = 1;

        rig.Time.Advance(TimeSpan.FromSeconds((2 * seconds) - 1));
        var before = link.Received();
        rig.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.That(before, Is.Empty);
        Assert.That(link.Received().Single(), Does.Contain("\"unsubscribe\":{\"code\":2500"));
    }

    private BrokerRig Start(params (string Name, string Value)[] settings)
    {
        var values = settings.Append(("PingSeconds", "0")).Select(pair => KeyValuePair.Create(pair.Item1, (string?)pair.Item2));
        var connections = new ConnectionOptionsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), (name, fault, _) => Assert.Fail($"{name}: {fault}")).Read();
        var rig = new BrokerRig(
            new BrokerOptions
            {
                Connections = connections,
                Namespaces = TestNamespaces.Of(("room", TestNamespaces.Open with { Presence = true }), ("pos", TestNamespaces.History with { ForcePositioning = true })),
            },
            engine: inner => _engine = new UpkeepEngine(inner));
        _rigs.Add(rig);
        return rig;
    }

    private ClientLink Subscribe(BrokerRig rig, string channel)
    {
        var link = new ClientLink(rig).Connected();
        link.Ask($"{{\"id\":2,\"subscribe\":{{\"channel\":\"{channel}\"}}}}");
        _engine.Renewals = _engine.Checks = 0;
        return link;
    }

    // The seconds in which something has happened, of so many and one.
    private static List<int> SecondsOf(BrokerRig rig, Func<int> count, int seconds)
    {
        var happened = new List<int>();
        for (var (second, seen) = (1, 0); second <= seconds + 1; second++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            happened.AddRange(Enumerable.Repeat(second, count() - seen));
            seen = count();
        }

        return happened;
    }

    /// <summary>Counts what the upkeep asks for.</summary>
    private sealed class UpkeepEngine(IChannelEngine inner) : EngineAround(inner)
    {
        public int Renewals { get; set; }

        public int Checks { get; set; }

        /// <summary>Added to the offset of a position: publications that got lost on their way here.</summary>
        public ulong Lost { get; set; }

        public override ValueTask AddPresenceAsync(ChannelName channel, ClientInfo client, TimeSpan ttl)
        {
            Renewals++;
            return base.AddPresenceAsync(channel, client, ttl);
        }

        public override async ValueTask<HistoryPage> ReadHistoryAsync(ChannelName channel, HistoryFilter filter, TimeSpan metaTtl)
        {
            Checks++;
            var page = await base.ReadHistoryAsync(channel, filter, metaTtl);
            return page with { Top = page.Top with { Offset = page.Top.Offset + Lost } };
        }
    }
}
