using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.SharedPolls;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.SharedPolls;

/// <summary>The base of fixtures about shared polls: a broker without sockets and with a clock moved by hand, and a real back end over HTTP.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class SharedPollFixture
{
    protected const string Channel = "poll:a";

    protected static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private int _id = 1;

    /// <summary>What the back end answers about each key: an item, in JSON. Keys that are missing are left out.</summary>
    protected ConcurrentDictionary<string, string> Values { get; } = new();

    /// <summary>Of every answer; null: none is given.</summary>
    protected string? Epoch { get; set; }

    protected RunningBackEnd Far { get; private set; } = null!;

    protected BrokerRig Rig { get; private set; } = null!;

    /// <summary>The questions, as <c>key@version</c> and a blank between two.</summary>
    protected IReadOnlyList<string> Asked => [.. Far.Bodies.Select(QuestionIn)];

    [SetUp]
    public async Task Start()
    {
        Far = await RunningBackEnd.StartAsync();
        Far.Answer = Answer;
        Rig = Start(Options);
    }

    [TearDown]
    public async Task Stop()
    {
        Rig.Dispose();
        await Far.DisposeAsync();
    }

    /// <summary>The options of the namespace.</summary>
    protected virtual SharedPollOptions Options { get; } = new() { IsVersioned = true };

    protected BrokerRig Start(SharedPollOptions options) => new(TestNamespaces.Only(
        ("poll", OptionsOf(options)),
        ("deltas", OptionsOf(options) with { AllowFossilDelta = true }),
        ("silent", OptionsOf(options with { IsPublishEnabled = false })),
        ("stream", TestNamespaces.Open)) with
    {
        Proxies = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = Far.Settings() with { Timeout = TimeSpan.FromSeconds(5) } }),
        Connections = new() { PingInterval = TimeSpan.Zero },
        SharedPolls = new() { Secret = TrackSignature.Secret, Concurrency = 8 },
        Identity = new() { JwtSecret = TestToken.Secret },
    });

    /// <summary>A client that is subscribed.</summary>
    protected ClientLink Subscribe(string channel = Channel, string more = "", string? token = null)
    {
        var link = new ClientLink(Rig).Connected(token);
        Assert.That(link.Ask($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}","type":4{{{more}}}}}""").Single(), Does.StartWith("""{"id":2,"subscribe":{"""));
        return link;
    }

    /// <summary>Tracks keys, and returns the reply.</summary>
    /// <param name="keys">Each with an @ and the version that the client has, or without one.</param>
    protected string Track(ClientLink link, params IReadOnlyList<string> keys)
    {
        var names = keys.Select(key => key.Split('@')[0]).ToList();
        return TrackSigned(link, TrackSignature.Of(Channel, names), keys);
    }

    protected string TrackSigned(ClientLink link, string signature, IReadOnlyList<string> keys, string channel = Channel)
    {
        var items = keys.Select(key => key.Split('@') is [var name, var version] ? $$"""{"key":"{{name}}","version":{{version}}}""" : $$"""{"key":"{{key}}"}""");
        return Ask(link, $$"""{"channel":"{{channel}}","type":1,"track":[{"signature":"{{signature}}","items":[{{string.Join(',', items)}}]}]}""");
    }

    protected string Untrack(ClientLink link, params IEnumerable<string> keys) =>
        Ask(link, $$"""{"channel":"{{Channel}}","type":2,"untrack":[{{string.Join(',', keys.Select(key => $"\"{key}\""))}}]}""");

    /// <summary>Sends a sub_refresh and returns its reply, apart from its number. Pushes that came before it are lost.</summary>
    protected string Ask(ClientLink link, string request)
    {
        var id = ++_id;
        var reply = link.Ask($$"""{"id":{{id}},"sub_refresh":{{request}}}""").First(frame => frame.Contains($$"""{"id":{{id}},""", StringComparison.Ordinal));
        return reply.Replace($$"""{"id":{{id}},""", "{", StringComparison.Ordinal);
    }

    /// <summary>The next pushes of the channel: <c>key@version data</c>, or <c>-key</c> for a removal.</summary>
    protected static async Task<string[]> PushesAsync(ClientLink link, int count, string channel = Channel)
    {
        var pushes = new List<string>();
        using var patience = new CancellationTokenSource(RunningBroker.Patience);
        while (pushes.Count < count)
        {
            pushes.AddRange((await link.ReceivedAsync(patience.Token)).Select(frame => PushIn(frame, channel)));
        }

        return [.. pushes];
    }

    /// <summary>Moves the clock to the next cycle, and waits until the back end has been asked.</summary>
    protected async Task CycleAsync(int questions = 1)
    {
        var before = Far.Bodies.Count;
        await AwaitTimerAsync(Interval);
        Rig.Time.Advance(Interval);
        await Eventually.IsTrueAsync(() => Far.Bodies.Count >= before + questions, "no question came");
    }

    /// <summary>Waits until a cycle is over and the next one waits for its time.</summary>
    protected Task AwaitTimerAsync(TimeSpan due) => Eventually.IsTrueAsync(() => Rig.Time.FiresIn(due), $"nothing waits for {due}");

    /// <summary>The channel on this node; null: nobody is subscribed.</summary>
    protected PolledChannel? Polled => Rig.Get<SharedPollChannels>().TryFind(TestChannel.Named(Channel), out var channel) ? channel : null;

    protected static string Value(string key, string data, ulong version = 0) =>
        version == 0 ? $$"""{"key":"{{key}}","data":{{data}}}""" : string.Create(CultureInfo.InvariantCulture, $$"""{"key":"{{key}}","data":{{data}},"version":{{version}}}""");

    private static ChannelOptions OptionsOf(SharedPollOptions options) =>
        TestNamespaces.Open with { SubscriptionType = SubscriptionType.SharedPoll, SharedPoll = options with { Proxy = "backend" } };

    private string Answer(JsonElement asked)
    {
        var items = asked.GetProperty("items").EnumerateArray().Select(item => Values.GetValueOrDefault(item.GetProperty("key").GetString()!)).OfType<string>();
        return $$$"""{"result":{"items":[{{{string.Join(',', items)}}}]{{{(Epoch is null ? "" : $",\"epoch\":\"{Epoch}\"")}}}}}""";
    }

    private static string QuestionIn(string body)
    {
        using var json = JsonDocument.Parse(body);
        return string.Join(' ', json.RootElement.GetProperty("items").EnumerateArray().Select(item =>
            $"{item.GetProperty("key").GetString()}{(item.TryGetProperty("version", out var version) ? $"@{version}" : "")}"));
    }

    private static string PushIn(string frame, string channel)
    {
        using var json = JsonDocument.Parse(frame);
        if (!json.RootElement.TryGetProperty("push", out var push) || !push.TryGetProperty("pub", out var pub))
        {
            return frame;
        }

        Assert.That(push.GetProperty("channel").GetString(), Is.EqualTo(channel));
        var key = pub.GetProperty("key").GetString();
        return pub.TryGetProperty("removed", out _) ? $"-{key}" : $"{key}@{pub.GetProperty("version")} {pub.GetProperty("data").GetRawText()}{(pub.TryGetProperty("delta", out _) ? " (patch)" : "")}";
    }
}
