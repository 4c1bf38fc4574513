using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Commands.Maps;

/// <summary>Maps of several kinds, and clients that subscribe to them.</summary>
internal abstract class MapSubscribeTestBase : IDisposable
{
    private int _id = 1;

    protected MapSubscribeTestBase()
    {
        Rig = new(
            TestNamespaces.Only(
                ("map", TestMaps.Open(TestMaps.Persistent)),
                ("brief", TestMaps.Open(TestMaps.Ephemeral)),
                ("order", TestMaps.Open(TestMaps.Persistent with { IsOrdered = true })),
                ("tags", TestMaps.Open(TestMaps.Persistent) with { AllowTagsFilter = true, AllowFossilDelta = true }),
                ("closed", TestMaps.Open(TestMaps.Persistent) with { Subscribe = default }),
                ("slow", TestMaps.Open(TestMaps.Persistent) with { ClientPublishDebounce = TimeSpan.FromMilliseconds(50) }),
                ("clients", TestMaps.Open(TestMaps.Ephemeral) with { SubscriptionType = SubscriptionType.MapClients }),
                ("stream", TestNamespaces.Open)) with
            { Connections = new() { MaxQueuedBytes = 4_000, PingInterval = TimeSpan.Zero, MaxSubscriptionsPerConnection = 2 } },
            maps: inner => Engine = new ActingMapEngine(inner));

        // Made when it is first asked for.
        Assert.That(Rig.Maps, Is.SameAs(Engine));
    }

    public void Dispose()
    {
        Rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected BrokerRig Rig { get; }

    private protected ActingMapEngine Engine { get; private set; } = null!;

    private protected ClientLink Connect() => new ClientLink(Rig).Connected();

    // What is in the reply.
    private protected string Subscribe(ClientLink link, string channel, string page, int type = 1)
    {
        var id = ++_id;
        var reply = link.Ask($"{{\"id\":{id},\"subscribe\":{{\"channel\":\"{channel}\",\"type\":{type}{page}}}}}").Single();
        var start = $"{{\"id\":{id},\"subscribe\":";
        Assert.That(reply, Does.StartWith(start));
        return reply[start.Length..^1];
    }

    private protected int ErrorOf(ClientLink link, string channel, string page, int type = 1)
    {
        var reply = link.Ask($"{{\"id\":{++_id},\"subscribe\":{{\"channel\":\"{channel}\",\"type\":{type}{page}}}}}").Single();
        using var json = System.Text.Json.JsonDocument.Parse(reply);
        return json.RootElement.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : 0;
    }

    private protected string Position(int phase, int offset, string channel) => $",\"phase\":{phase},\"offset\":{offset},\"epoch\":\"{EpochOf(channel)}\"";

    private protected ResolvedChannel Resolve(string channel) => Rig.Channels.Resolve(TestChannel.Named(channel));

    private protected string EpochOf(string channel)
    {
        var (act, lost) = (Engine.AfterRead, Engine.Lost);
        (Engine.AfterRead, Engine.Lost) = (null, 0);
        var epoch = Engine.ReadStreamAsync(TestChannel.Named(channel), Resolve(channel).OptionsOrNone.Map, new(0)).AsTask().Result.Top.Epoch;
        (Engine.AfterRead, Engine.Lost) = (act, lost);
        return epoch;
    }

    private protected void PublishMany(string channel, string key, int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            Publish(channel, key, $"{i}");
        }
    }

    private protected void Publish(string channel, string key, string data, long score = 0, string? tag = null)
    {
        var tags = tag is null ? null : new Dictionary<string, string> { ["colour"] = tag };
        var change = new MapChange { Key = key, Publication = new(data.Utf8(), Tags: tags), Score = score };
        Assert.That(Engine.PublishAsync(TestChannel.Named(channel), Resolve(channel).OptionsOrNone.Map, change).AsTask().Result.Outcome, Is.EqualTo(MapOutcome.Applied));
    }

    private protected void Remove(string channel, string key) => _ = Engine.RemoveAsync(TestChannel.Named(channel), Resolve(channel).OptionsOrNone.Map, new(key)).AsTask().Result;

    private protected void Clear(string channel) => Engine.ClearAsync(TestChannel.Named(channel), Resolve(channel).OptionsOrNone.Map).AsTask().Wait();

    protected static class ErrorCodes
    {
        public const int Unknown = 102;
        public const int Denied = 103;
        public const int Bad = 107;
    }
}
