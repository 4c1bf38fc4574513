using System.Text.Json;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Orders on one node, as clients of another see them.</summary>
public sealed class NodeControlTests : TwoBrokersTests
{
    [Test]
    public async Task A_disconnect_closes_the_connections_of_the_user_on_every_node()
    {
        var (here, there, other) = (await ConnectAsync(Here, "42"), await ConnectAsync(There, "42"), await ConnectAsync(There, "7"));

        await CallAsync(Here, "disconnect", """{"user":"42","disconnect":{"code":4321,"reason":"bye é"}}""");

        Assert.That(await here.ReadCloseAsync(), Is.EqualTo((4321, "bye é")));
        Assert.That(await there.ReadCloseAsync(), Is.EqualTo((4321, "bye é")));
        await AssertHearsNothingAsync(other);
    }

    [Test]
    public async Task A_disconnect_may_be_for_one_connection_and_excludes_those_on_the_list()
    {
        var ((first, id), (spared, sparedId)) = (await ConnectWithIdAsync("42"), await ConnectWithIdAsync("42"));
        var last = await ConnectAsync(There, "42");

        await CallAsync(Here, "disconnect", $$"""{"user":"42","client":"{{id}}"}""");
        Assert.That((await first.ReadCloseAsync()).Code, Is.EqualTo(3503));
        await AssertHearsNothingAsync(last);

        await CallAsync(Here, "disconnect", $$"""{"user":"42","whitelist":["{{sparedId}}"]}""");
        Assert.That((await last.ReadCloseAsync()).Code, Is.EqualTo(3503));
        await AssertHearsNothingAsync(spared);
    }

    [Test]
    public async Task An_order_may_be_for_one_session()
    {
        await using var stream = await RunningStream.ConnectAsync(There);
        await using var other = await RunningStream.ConnectAsync(There);

        await CallAsync(Here, "subscribe", $$"""{"channel":"chat:a","session":"{{stream.Session}}"}""");

        Assert.That(await stream.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","subscribe":{}}}"""));
        Assert.That(await other.AskAsync("""{"id":9,"unsubscribe":{"channel":"chat:a"}}"""), Is.EqualTo("""{"id":9,"unsubscribe":{}}"""));
    }

    [Test]
    public async Task A_subscribe_reaches_all_connections_of_the_user_with_all_options()
    {
        var (here, there) = (await ConnectAsync(Here, "42"), await ConnectAsync(There, "42"));

        await CallAsync(Here, "subscribe", """{"channel":"chat:a","user":"42","data":{"d":1},"info":{"i":1}}""");

        foreach (var client in new[] { here, there })
        {
            Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","subscribe":{"data":{"d":1}}}}"""));
        }

        var presence = await Eventually.GetAsync(
            async () => (await CallAsync(Here, "presence", """{"channel":"chat:a"}""")).GetProperty("presence").EnumerateObject().ToArray(), clients => clients.Length == 2);
        Assert.That(presence.Select(client => client.Value.GetProperty("chan_info").GetRawText()), Is.EqualTo(new[] { """{"i":1}""", """{"i":1}""" }));
        await Here.PublishAsync("chat:a", "1");
        Assert.That(await there.ReadPublicationAsync(), Is.EqualTo("1"));
    }

    [Test]
    public async Task Orders_for_one_user_do_not_overtake_each_other()
    {
        const int rounds = 30;
        var client = await ConnectAsync(There, "42");

        for (var i = 0; i < rounds; i++)
        {
            await CallAsync(Here, "subscribe", """{"channel":"chat:a","user":"42"}""");
            await CallAsync(Here, "unsubscribe", """{"channel":"chat:a","user":"42"}""");
        }

        for (var i = 0; i < rounds; i++)
        {
            Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","subscribe":{}}}"""));
            Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","unsubscribe":{"code":2000,"reason":"server unsubscribe"}}}"""));
        }
    }

    [Test]
    public async Task An_unsubscribe_ends_subscriptions_of_the_client_itself()
    {
        var client = await ConnectAsync(There, "42");
        await client.SubscribeAsync("chat:a");

        await CallAsync(Here, "unsubscribe", """{"channel":"chat:a","user":"42"}""");

        Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","unsubscribe":{"code":2000,"reason":"server unsubscribe"}}}"""));
    }

    [Test]
    public async Task A_refresh_is_pushed_and_ends_the_connection_later_or_now()
    {
        var (kept, ended, endless) = (await ConnectAsync(There, "42"), await ConnectAsync(There, "7"), await ConnectAsync(There, "8"));

        var end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddSeconds(1000).ToUnixTimeSeconds());
        var begun = DateTimeOffset.UtcNow;
        await CallAsync(Here, "refresh", $$"""{"user":"42","expire_at":{{end.ToUnixTimeSeconds()}}}""");
        var refreshed = await kept.ReadMessageAsync();
        var (longest, shortest) = ((long)(end - begun).TotalSeconds, (long)(end - DateTimeOffset.UtcNow).TotalSeconds);
        await CallAsync(Here, "refresh", """{"user":"7","expired":true}""");
        await CallAsync(Here, "refresh", """{"user":"8"}""");

        Assert.That(Enumerable.Range((int)shortest, (int)(longest - shortest) + 1).Select(ttl => $$$$"""{"push":{"refresh":{"expires":true,"ttl":{{{{ttl}}}}}}}"""), Does.Contain(refreshed));
        Assert.That(await ended.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
        Assert.That(await endless.ReadMessageAsync(), Is.EqualTo("""{"push":{"refresh":{}}}"""));
    }

    [Test]
    public async Task A_key_that_is_revoked_on_one_node_closes_connections_on_the_other()
    {
        var token = await Here.RegisterAsync("alice");
        var client = await There.ConnectAsync(token);

        await Here.PostAsync("/auth/revoke", "{}", token);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
    }

    [Test]
    [Checklist(160)]
    public async Task A_publication_on_one_node_reaches_subscribers_on_all_nodes()
    {
        var (here, there) = (await ConnectAsync(Here, "42"), await ConnectAsync(There, "7"));
        await here.SubscribeAsync("chat:a");
        await there.SubscribeAsync("chat:a");

        await Here.PublishAsync("chat:a", "1");
        await CallAsync(There, "broadcast", """{"channels":["chat:a"],"data":2}""");

        foreach (var client in new[] { here, there })
        {
            Assert.That((await client.ReadPublicationAsync(), await client.ReadPublicationAsync()), Is.EqualTo(("1", "2")));
        }
    }

    [Test]
    [Checklist(158)]
    public async Task Info_describes_all_nodes_except_a_stopped_one()
    {
        await (await ConnectAsync(There, "42")).SubscribeAsync("chat:a");
        await Eventually.IsTrueAsync(async () => (await NodesAsync(Here))[1].GetProperty("num_clients").GetInt32() == 1);
        var (here, there) = (await NodesAsync(Here), await NodesAsync(There));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(here.Select(node => Of(node, "uid")), Is.EqualTo(there.Select(node => Of(node, "uid")).Reverse()), "Each begins with itself.");
            Assert.That(Of(here[1], "name"), Is.EqualTo(Of(there[0], "name")));
            Assert.That(Of(here[1], "version"), Is.EqualTo(Of(there[0], "version")));
            Assert.That(new[] { "num_clients", "num_users", "num_channels", "num_subs" }.Select(name => here[1].GetProperty(name).GetInt32()), Is.EqualTo(new[] { 1, 1, 1, 1 }));
            Assert.That(here[1].GetProperty("uptime").GetInt64(), Is.GreaterThanOrEqualTo(0));
            Assert.That(here[1].GetProperty("process").GetProperty("rss").GetInt64(), Is.Positive);
        }

        await There.StopAsync();
        await AwaitNodesAsync(Here, 1);
    }

    [Test]
    [Checklist(158)]
    public async Task Channels_lists_those_of_all_nodes_with_total_numbers_of_clients()
    {
        await (await ConnectAsync(Here, "1")).SubscribeAsync("chat:a");
        await (await ConnectAsync(There, "1")).SubscribeAsync("chat:a");
        var client = await ConnectAsync(There, "2");
        await client.SubscribeAsync("chat:a");
        await client.SubscribeAsync("public.b", id: 3);

        foreach (var broker in new[] { Here, There })
        {
            Assert.That((await CallAsync(broker, "channels", """{"pattern":"chat:*"}""")).GetRawText(), Is.EqualTo("""{"channels":{"chat:a":{"num_clients":3}}}"""));
            Assert.That((await CallAsync(broker, "channels", "{}")).GetProperty("channels").EnumerateObject().Count(), Is.EqualTo(2));
        }
    }

    private static async Task<JsonElement[]> NodesAsync(RunningBroker broker) => [.. (await CallAsync(broker, "info", "{}")).GetProperty("nodes").EnumerateArray()];

    private static string Of(JsonElement node, string name) => node.GetProperty(name).GetString()!;

    private async Task<(RunningWebSocket Client, string Id)> ConnectWithIdAsync(string user)
    {
        var client = await There.UpgradeAsync();
        var reply = await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{TestToken.Of($$"""{"sub":"{{user}}"}""")}}}"}}""");
        using var json = JsonDocument.Parse(reply);
        return (client, json.RootElement.GetProperty("connect").GetProperty("client").GetString()!);
    }

    private static async Task AssertHearsNothingAsync(RunningWebSocket client) =>
        Assert.That(await client.AskAsync("""{"id":99,"unsubscribe":{"channel":"public.none"}}"""), Is.EqualTo("""{"id":99,"unsubscribe":{}}"""));
}
