using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The official JavaScript client, from npm and unchanged, in Node.js. Each script prints its events, one JSON line each.</summary>
public sealed class OfficialClientTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Connections = options.Connections with { PingInterval = TimeSpan.FromSeconds(2), PongTimeout = TimeSpan.FromSeconds(1) } };

    [OneTimeSetUp]
    public static Task InstallClient() => OfficialClient.InstallAsync();

    [Test]
    public async Task The_client_receives_HTTP_publications_in_the_envelope()
    {
        await using var script = Run("publications.mjs");

        Assert.That(await NextAsync(script, "connected"), Does.Match("""^\{"client":"[0-9a-f-]{36}","transport":"websocket"\}$"""));
        Assert.That(await NextAsync(script, "subscribed"), Is.EqualTo("""{"channel":"public.townsquare"}"""));
        Assert.That(await NextAsync(script, "http"), Is.EqualTo("""{"status":200,"body":{"ok":true,"result":{}}}"""));
        var published = JsonNode.Parse(await NextAsync(script, "publication"))!;
        var timestamp = published["data"]!["_claw"]!["timestamp"]!.GetValue<long>();
        Assert.That(
            published["data"]!.ToJsonString(), Is.EqualTo("""{"_claw":{"sender":"alice","timestamp":""" + timestamp + """},"payload":{"hi":[1,"two",null]}}"""));
        Assert.That(published["info"], Is.Null, "Only publications from a connection have info.");
        Assert.That(DateTimeOffset.FromUnixTimeMilliseconds(timestamp), Is.EqualTo(DateTimeOffset.UtcNow).Within(RunningBroker.Patience));
    }

    [Test]
    public async Task The_client_publishes_over_the_WebSocket_and_receives_its_publication()
    {
        await using var script = Run("publish.mjs");

        var published = JsonNode.Parse(await NextAsync(script, "publication"))!;
        Assert.That(published["payload"]!.ToJsonString(), Is.EqualTo("""{"ws":[1,2]}"""));
        Assert.That(published["sender"]!.GetValue<string>(), Is.EqualTo("alice"));
        Assert.That(published["user"]!.GetValue<string>(), Is.EqualTo("alice"));
        Assert.That(published["isOwnClient"]!.GetValue<bool>(), Is.True);
        Assert.That(await NextAsync(script, "published"), Is.EqualTo("{}"));
        Assert.That(await NextAsync(script, "refused"), Is.EqualTo("""{"code":403,"message":"permission denied: not_owner"}"""));
    }

    [Test]
    public async Task The_client_receives_only_publications_during_its_subscriptions()
    {
        await using var script = Run("resubscribe.mjs");

        Assert.That(await NextAsync(script, "received"), Is.EqualTo("""[1,3]"""));
    }

    [Test]
    public async Task A_locked_channel_is_open_to_its_owner_and_granted_agents_only()
    {
        await using var script = Run("permissions.mjs");

        Assert.That(await NextAsync(script, "anonymous"), Is.EqualTo("""{"event":"unsubscribed","code":403,"reason":"permission denied: locked"}"""));
        Assert.That(await NextAsync(script, "stranger"), Is.EqualTo("""{"event":"unsubscribed","code":403,"reason":"permission denied: locked"}"""));
        Assert.That(await NextAsync(script, "owner"), Is.EqualTo("""{"event":"subscribed"}"""));
        Assert.That(await NextAsync(script, "granted"), Is.EqualTo("""{"event":"subscribed"}"""));
        Assert.That(await NextAsync(script, "before the lock"), Is.EqualTo("""{"event":"subscribed"}"""));
        Assert.That(await NextAsync(script, "after the lock"), Is.EqualTo("""{"event":"unsubscribed","code":2000,"reason":"permission denied"}"""));
    }

    [Test]
    public async Task The_client_stays_connected_over_several_pings()
    {
        await using var script = Run("pings.mjs");

        Assert.That(await NextAsync(script, "done"), Is.EqualTo("""{"pings":4,"connects":1,"disconnects":0}"""));
    }

    [Test]
    public async Task The_client_reconnects_by_itself_after_a_restart_of_the_broker()
    {
        var broker = await RunningBroker.StartAsync();
        var port = broker.Url.Port;
        await using var script = Run("restart.mjs", broker);
        await NextAsync(script, "subscribed");

        await broker.DisposeAsync();
        await NextAsync(script, "connecting");
        await using var again = await RunningBroker.StartAsync(options => options with { Listeners = options.Listeners with { Port = port } });
        await NextAsync(script, "subscribed");
        await again.PublishAsync("public.townsquare", "\"back\"");

        Assert.That(await NextAsync(script, "publication"), Is.EqualTo("\"back\""));
    }

    private RunningProcess Run(string name, RunningBroker? broker = null) =>
        RunningProcess.Start("node", [name, (broker ?? Broker).Url.Port.ToString(CultureInfo.InvariantCulture)], OfficialClient.Folder);

    /// <summary>The line of the script's next event, which must be this one.</summary>
    private static async Task<string> NextAsync(RunningProcess script, string what)
    {
        var line = await script.ReadLineAsync();
        Assert.That(line, Is.Not.Null, line is null ? await script.ReadErrorsAsync() : null);
        using var json = JsonDocument.Parse(line!);
        Assert.That(json.RootElement.GetProperty("what").GetString(), Is.EqualTo(what), line);
        return json.RootElement.GetProperty("value").GetRawText();
    }
}
