using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary><c>claw.events presence</c>, <c>channels</c> and <c>server info</c> against the real broker, with subscribers.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ChannelCommandsTests : IDisposable
{
    private static readonly ChannelOptions Present = TestNamespaces.Open with { Presence = true };

    private readonly CliHome _home = new();
    private readonly CliHome _alice = new();

    public void Dispose()
    {
        _home.Dispose();
        _alice.Dispose();
    }

    [Test, CancelAfter(60_000)]
    public async Task Presence_lists_the_subscribers_and_counts_them(CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        using var first = await SubscribeAsAliceAsync(broker, "public.a", cancellation);
        using var second = await SubscribeAsAliceAsync(broker, "public.a", cancellation);
        using var stranger = CliProcess.Start(_home, ["-s", broker.Url, "sub", "--verbose", "public.a"]);
        await stranger.WaitForErrorAsync("Subscribed to public.a\n", cancellation);

        var list = await RunAsync(broker, "presence public.a");
        var json = await RunAsync(broker, $"presence public.a --json --key {RunningBroker.Key}");
        var count = await RunAsync(broker, "presence public.a --count");

        Assert.That(list.Output, Does.StartWith("\nℹ Subscribed to public.a: 3 clients of 2 users\n").And.Match(@"\n  alice +[0-9a-f-]{36}\n  alice +[0-9a-f-]{36}\n"));
        Assert.That(json.Output, Does.Contain("\"clients\": 3,\n    \"users\": 2,\n    \"subscribers\": [\n      {\n        \"user\": \"\",\n        \"client\": \""));
        Assert.That(count.Output, Is.EqualTo("\nℹ Subscribed to public.a: 3 clients of 2 users\n\n• channel : public.a\n• clients : 3\n• users   : 2\n\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Where_only_subscribers_may_ask_the_client_subscribes_and_leaves_itself_out(CancellationToken cancellation)
    {
        await using var broker = await StartAsync(("chat", Present with { ReadPresence = new(ForClient: false, ForSubscriber: true, ForAnonymous: true) }));
        using var subscriber = await SubscribeAsAliceAsync(broker, "chat:x", cancellation);

        var list = await RunAsync(broker, "presence chat:x");
        var count = await RunAsync(broker, "presence chat:x --count");

        Assert.That(list.Output, Does.StartWith("\nℹ Subscribed to chat:x: 1 client of 1 user\n").And.Contain("alice"));
        Assert.That(count.Output, Does.StartWith("\nℹ Subscribed to chat:x: 1 client of 1 user\n").And.Not.Contain("subscribers"));
    }

    [TestCase("agent.alice.x", "not available", "does not record who is subscribed: its option presence has to be true")]
    [TestCase("closed:x", "permission denied: not_for_clients", "allow_presence_for_client")]
    [TestCase("users:x", "permission denied: anonymous", "Log in: claw.events login --user <name>")]
    [CancelAfter(60_000)]
    public async Task A_refusal_names_the_option_or_right_that_is_missing(string channel, string reason, string fix)
    {
        await using var broker = await StartAsync(("closed", Present with { ReadPresence = default }), ("users", Present with { ReadPresence = new(ForClient: true, ForSubscriber: false, ForAnonymous: false) }));

        var result = await RunAsync(broker, $"presence {channel}");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "")));
        Assert.That(result.Error, Does.StartWith($"✗ Error: Failed to read the presence of {channel}: {reason}\nHow to fix:\n").And.Contain(fix));
    }

    [Test, CancelAfter(60_000)]
    public async Task Channels_with_subscribers_are_for_those_with_the_key(CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        using var first = await SubscribeAsAliceAsync(broker, "public.weather", cancellation);
        using var second = await SubscribeAsAliceAsync(broker, "public.weather", cancellation);
        using var third = await SubscribeAsAliceAsync(broker, "public.a", cancellation);

        var wrong = await RunAsync(broker, "channels --key wrong");
        _home.Variables["CENTRIFUGO_API_KEY"] = RunningBroker.Key;
        var all = await RunAsync(broker, "channels");
        var word = await RunAsync(broker, "channels eath --json");
        var pattern = await RunAsync(broker, "channels public.?");
        var bad = await RunAsync(broker, "channels [z-a]");
        var nodes = await RunAsync(broker, "server info");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong.Error, Does.Contain("The key is the server's setting CENTRIFUGO_API_KEY").And.Not.Contain("wrong"));
            Assert.That(all.Output, Does.StartWith("\n✓ Channels with subscribers: 2\n").And.Contain("\n  channel         subscribers\n  public.weather  2\n  public.a        1\n"));
            Assert.That(word.Output, Does.Contain("\"count\": 1,\n    \"channels\": [\n      {\n        \"channel\": \"public.weather\",\n        \"subscribers\": 2\n"));
            Assert.That(pattern.Output, Does.StartWith("\n✓ Channels with subscribers matching \"public.?\": 1\n").And.Contain("public.a "));
            Assert.That(bad.Error, Does.StartWith("✗ Error: Failed to list channels: ").And.Contain("A pattern has * for any text"));
            Assert.That(nodes.Output, Does.StartWith("\nℹ 1 node, 3 clients\n").And.Match(@"\n  name +version +clients +users +channels +subscriptions +uptimeSeconds +memoryBytes +id\n").And.Match(@" 3 +1 +2 +3 +\d+ +\d+ "));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_a_key_channels_are_those_that_are_advertised(CancellationToken cancellation)
    {
        await using var broker = await StartAsync();
        await broker.CallAsync("alice", "/api/advertise", """{"channel":"agent.alice.weather","description":"Rain"}""", cancellation);

        var all = await RunAsync(broker, "channels --json");
        var word = await RunAsync(broker, "channels weather");
        var pattern = await RunAsync(broker, "channels agent.*.weather");
        var none = await RunAsync(broker, "channels weathe?");
        _home.Variables["CENTRIFUGO_API_KEY"] = RunningBroker.Key;
        var asked = await RunAsync(broker, "channels weather --advertised");
        var needsKey = await RunAsync(broker, "server info --key wrong");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(all.Output, Does.Contain("\"count\": 27").And.Contain("\"channel\": \"agent.alice.weather\"").And.Contain("\"channel\": \"public.townsquare\""));
            Assert.That(word.Output, Does.StartWith("\n✓ Advertised channels matching \"weather\": 1\n").And.Match(@"agent\.alice\.weather +Rain"));
            Assert.That(pattern.Output, Does.Contain("agent.alice.weather"));
            Assert.That(none.Output, Does.Contain("• count    : 0\n• channels : []\n"));
            Assert.That(asked.Output, Does.Contain("Advertised channels matching").And.Contain("agent.alice.weather"));
            Assert.That(needsKey.Error, Does.StartWith("✗ Error: Failed to read the nodes: ").And.Contain("CENTRIFUGO_API_KEY"));
        }
    }

    private static Task<CliBroker> StartAsync(params (string, ChannelOptions)[] more) => CliBroker.StartAsync(change: options => options with
    {
        Namespaces = TestNamespaces.Of([("public", Present), .. more]),
    });

    private async Task<CliProcess> SubscribeAsAliceAsync(CliBroker broker, string channel, CancellationToken cancellation)
    {
        if (!File.Exists(_alice.ConfigFile))
        {
            // Once: another login would end the streams of the first.
            Assert.That((await CliRun.RunAsync(_alice, "-s", broker.Url, "dev-register", "--user", "alice")).ExitCode, Is.Zero);
        }
        var process = CliProcess.Start(_alice, ["-s", broker.Url, "sub", "--verbose", channel]);
        await process.WaitForErrorAsync($"Subscribed to {channel}\n", cancellation);
        return process;
    }

    private Task<CliResult> RunAsync(CliBroker broker, string line) => CliRun.RunAsync(_home, ["-s", broker.Url, .. line.Split(' ')]);
}
