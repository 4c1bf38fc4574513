using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Shared polls with the official JavaScript client, over every transport and in both protocols. The script asserts for itself.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class OfficialClientSharedPollTests
{
    private RunningBackEnd _far = null!;
    private RunningBroker _broker = null!;

    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [SetUp]
    public async Task Start()
    {
        _far = await RunningBackEnd.StartAsync();

        // Asked later, it has what was published meanwhile: values with the version that the broker knows, or the first one.
        _far.Answer = asked => $$$"""{"result":{"items":[{{{string.Join(',', asked.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()).Where(key => key is "a" or "b").Select(ValueOf))}}}]}}""";
        _broker = await RunningBroker.StartAsync(Change);
    }

    [TearDown]
    public async Task Stop()
    {
        await _broker.DisposeAsync();
        await _far.DisposeAsync();
        Assert.That(_broker.Errors, Is.Empty);
    }

    [TestCase("websocket", "json")]
    [TestCase("websocket", "protobuf")]
    [TestCase("http_stream", "json")]
    [TestCase("http_stream", "protobuf")]
    [TestCase("sse", "json")]
    [Checklist(188)]
    public async Task Keys_are_tracked_and_untracked_with_the_official_client(string transport, string protocol)
    {
        var port = _broker.Url.Port.ToString(CultureInfo.InvariantCulture);

        await using var script = RunningProcess.Start("node", ["shared-poll.mjs", port, transport, protocol, TrackSignature.Secret, RunningBroker.Key], OfficialClient.Folder);

        Assert.That(await script.WaitForExitAsync(), Is.Zero, await script.ReadErrorsAsync());
    }

    private string ValueOf(string? key)
    {
        var version = _far.Bodies.Count > 1 && key is "b" ? 3 : 1;
        return $$$"""{"key":"{{{key}}}","data":{"n":{{{version}}}},"version":{{{version}}}}""";
    }

    private BrokerOptions Change(BrokerOptions options) => options with
    {
        Proxies = new ProxyOptions(new Dictionary<string, ProxySettings> { ["backend"] = _far.Settings() }),
        SharedPolls = new() { Secret = TrackSignature.Secret },
        Namespaces = TestNamespaces.Of(("poll", TestNamespaces.Open with
        {
            SubscriptionType = SubscriptionType.SharedPoll,
            AllowFossilDelta = true,
            SharedPoll = new() { Proxy = "backend", IsVersioned = true, IsPublishEnabled = true, RefreshInterval = TimeSpan.FromHours(1) },
        })),
    };
}
