using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Changes of live connections and channels by back ends, as clients see them.</summary>
public sealed class ServerApiTests : RunningBrokerTests
{
    private const string Done = """{"result":{}}""";

    [Test]
    [Checklist(157, 172)]
    public async Task A_subscribe_is_pushed_to_every_connection_of_the_user_and_to_nobody_else()
    {
        var (first, second, other, nobody) = (await ConnectAsync("42"), await ConnectAsync("42"), await ConnectAsync("7"), await Broker.ConnectAsync());

        await CallAsync("subscribe", """{"channel":"chat:a","user":"42","data":{"d":1},"info":{"i":1}}""");

        Assert.That(await first.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","subscribe":{"data":{"d":1}}}}"""));
        Assert.That(await second.ReadMessageAsync(), Does.Contain("chat:a"));
        await CallAsync("publish", """{"channel":"chat:a","data":1}""");
        Assert.That(await first.ReadPublicationAsync(), Is.EqualTo("1"));
        await AssertHeardNothingAsync(other, nobody);
    }

    [Test]
    [Checklist(157, 172)]
    public async Task A_subscribe_push_has_the_position_and_missed_publications_are_recovered()
    {
        var client = await ConnectAsync("42");
        var epoch = (await CallAsync("publish", """{"channel":"kept:a","data":1}""")).GetProperty("epoch").GetString();
        await CallAsync("publish", """{"channel":"kept:a","data":2}""");

        await CallAsync("subscribe", """{"channel":"kept:a","user":"42"}""");
        Assert.That(
            await client.ReadMessageAsync(),
            Is.EqualTo("""{"push":{"channel":"kept:a","subscribe":{"recoverable":true,"epoch":"EPOCH","offset":2,"positioned":true}}}""".Replace("EPOCH", epoch, StringComparison.Ordinal)));
    }

    [Test]
    public async Task A_client_that_is_subscribed_already_is_subscribed_again()
    {
        var client = await ConnectAsync("42");
        await client.SubscribeAsync("chat:a");

        await CallAsync("subscribe", """{"channel":"chat:a","user":"42"}""");

        Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","subscribe":{}}}"""));
        await CallAsync("publish", """{"channel":"chat:a","data":1}""");
        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo("1"));
        await AssertHeardNothingAsync(client);
    }

    [Test]
    [Checklist(157, 69, 173)]
    public async Task An_unsubscribe_is_pushed_and_the_client_may_subscribe_again()
    {
        var client = await ConnectAsync("42");
        await client.SubscribeAsync("chat:a");

        await CallAsync("unsubscribe", """{"channel":"chat:a","user":"42"}""");

        Assert.That(await client.ReadMessageAsync(), Is.EqualTo("""{"push":{"channel":"chat:a","unsubscribe":{"code":2000,"reason":"server unsubscribe"}}}"""));
        await client.SubscribeAsync("chat:a", id: 3);
    }

    [Test]
    [Checklist(173)]
    public async Task A_client_may_unsubscribe_from_a_server_side_subscription()
    {
        var client = await ConnectAsync("42");
        await CallAsync("subscribe", """{"channel":"chat:a","user":"42"}""");
        await client.ReadMessageAsync();

        Assert.That(await client.AskAsync("""{"id":2,"unsubscribe":{"channel":"chat:a"}}"""), Is.EqualTo("""{"id":2,"unsubscribe":{}}"""));
        await CallAsync("publish", """{"channel":"chat:a","data":1}""");
        await AssertHeardNothingAsync(client);
    }

    [Test]
    public async Task An_order_may_be_for_one_connection_of_the_user()
    {
        var first = await ConnectAsync("42");
        var (second, id) = await ConnectWithIdAsync("42");

        await CallAsync("subscribe", $$"""{"channel":"chat:b","user":"42","client":"{{id}}"}""");
        await CallAsync("subscribe", $$"""{"channel":"chat:c","user":"7","client":"{{id}}"}""");
        await CallAsync("subscribe", """{"channel":"chat:c","user":"42","session":"none"}""");

        Assert.That(await second.ReadMessageAsync(), Does.Contain("chat:b"));
        await AssertHeardNothingAsync(first, second);
    }

    [Test]
    public async Task An_empty_user_means_anonymous_clients()
    {
        var (anonymous, named) = (await Broker.ConnectAsync(), await ConnectAsync("42"));

        await CallAsync("subscribe", """{"channel":"chat:a"}""");

        Assert.That(await anonymous.ReadMessageAsync(), Does.Contain("chat:a"));
        await AssertHeardNothingAsync(named);
    }

    [Test]
    public async Task Nobody_is_subscribed_to_a_locked_channel_of_claw_events()
    {
        var client = await ConnectAsync("42");
        await Broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", await Broker.RegisterAsync("alice"));

        await CallAsync("subscribe", """{"channel":"agent.alice.x","user":"42"}""");
        await CallAsync("subscribe", """{"channel":"agent.alice.y","user":"42"}""");

        Assert.That(await client.ReadMessageAsync(), Does.Contain("agent.alice.y"));
        await CallAsync("publish", """{"channel":"agent.alice.x","data":1}""");
        await AssertHeardNothingAsync(client);
    }

    [Test]
    [Checklist(174)]
    public async Task One_subscription_too_many_ends_the_connection()
    {
        var client = await ConnectAsync("42");
        foreach (var channel in Enumerable.Range(0, 5))
        {
            await CallAsync("subscribe", $$"""{"channel":"chat:{{channel}}","user":"42"}""");
        }

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3505, "channel limit")));
    }

    [TestCase("""{"user":"42"}""", 3503, "force disconnect")]
    [TestCase("""{"user":"42","disconnect":{"code":4321,"reason":"bye é"}}""", 4321, "bye é")]
    [Checklist(156)]
    public async Task A_disconnect_closes_with_its_code(string body, int code, string reason)
    {
        var (client, other) = (await ConnectAsync("42"), await ConnectAsync("7"));

        await CallAsync("disconnect", body);

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((code, reason)));
        await AssertHeardNothingAsync(other);
    }

    [Test]
    [Checklist(156)]
    public async Task A_disconnect_excludes_connections_on_the_list()
    {
        var client = await ConnectAsync("42");
        var (spared, id) = await ConnectWithIdAsync("42");

        await CallAsync("disconnect", $$"""{"user":"42","whitelist":["{{id}}"]}""");

        Assert.That((await client.ReadCloseAsync()).Code, Is.EqualTo(3503));
        await AssertHeardNothingAsync(spared);
    }

    [Test]
    [Checklist(157)]
    public async Task A_refresh_is_pushed_and_ends_the_connection_later_or_now()
    {
        var (kept, ended, endless) = (await ConnectAsync("42"), await ConnectAsync("7"), await ConnectAsync("8"));

        var end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddSeconds(1000).ToUnixTimeSeconds());
        var begun = DateTimeOffset.UtcNow;
        await CallAsync("refresh", $$"""{"user":"42","expire_at":{{end.ToUnixTimeSeconds()}}}""");
        var refreshed = await kept.ReadMessageAsync();
        var (longest, shortest) = ((long)(end - begun).TotalSeconds, (long)(end - DateTimeOffset.UtcNow).TotalSeconds);
        await CallAsync("refresh", """{"user":"7","expired":true}""");
        await CallAsync("refresh", """{"user":"8"}""");

        Assert.That(Enumerable.Range((int)shortest, (int)(longest - shortest) + 1).Select(ttl => $$$$"""{"push":{"refresh":{"expires":true,"ttl":{{{{ttl}}}}}}}"""), Does.Contain(refreshed));
        Assert.That(await ended.ReadCloseAsync(), Is.EqualTo((3005, "connection expired")));
        Assert.That(await endless.ReadMessageAsync(), Is.EqualTo("""{"push":{"refresh":{}}}"""));
    }

    [Test]
    [Checklist(151, 84)]
    public async Task Presence_is_returned()
    {
        var (client, id) = await ConnectWithIdAsync("42");
        await client.SubscribeAsync("chat:a");
        await (await ConnectAsync("42")).SubscribeAsync("chat:a");

        var presence = (await CallAsync("presence", """{"channel":"chat:a"}""")).GetProperty("presence");

        Assert.That(presence.GetProperty(id).GetRawText(), Is.EqualTo($$"""{"user":"42","client":"{{id}}"}"""));
        Assert.That((await CallAsync("presence_stats", """{"channel":"chat:a"}""")).GetRawText(), Is.EqualTo("""{"num_clients":2,"num_users":1}"""));
        Assert.That((await CallAsync("presence_stats", """{"channel":"chat:none"}""")).GetRawText(), Is.EqualTo("""{"num_clients":0,"num_users":0}"""));
        Assert.That((await CallAsync("presence", """{"channel":"chat:none"}""")).GetRawText(), Is.EqualTo("""{"presence":{}}"""));
    }

    [TestCase("presence")]
    [TestCase("presence_stats")]
    [TestCase("history")]
    [TestCase("history_remove")]
    public async Task A_feature_that_a_namespace_lacks_is_not_available(string method)
    {
        Assert.That((await Broker.PostWithKeyAsync($"/api/{method}", """{"channel":"plain:a"}""")).Body, Is.EqualTo("""{"error":{"code":108,"message":"not available"}}"""));
        Assert.That((await Broker.PostWithKeyAsync($"/api/{method}", """{"channel":"unknown:a"}""")).Body, Is.EqualTo("""{"error":{"code":102,"message":"unknown channel"}}"""));
        Assert.That((await Broker.PostWithKeyAsync($"/api/{method}", "{}")).Body, Does.StartWith("""{"error":{"code":107,"""));
    }

    [Test]
    [Checklist(151, 97, 108, 109, 110)]
    public async Task History_is_returned_and_deleted()
    {
        var epoch = (await CallAsync("publish", """{"channel":"kept:a","data":{"n": 1},"tags":{"t":"1"},"idempotency_key":"k"}""")).GetProperty("epoch").GetString();
        Assert.That((await CallAsync("publish", """{"channel":"kept:a","data":9,"idempotency_key":"k"}""")).GetRawText(), Is.EqualTo($$"""{"offset":1,"epoch":"{{epoch}}"}"""));
        await CallAsync("publish", """{"channel":"kept:a","b64data":"/w==","version":5}""");
        Assert.That((await CallAsync("publish", """{"channel":"kept:a","data":9,"version":5}""")).GetRawText(), Is.EqualTo($$"""{"offset":2,"epoch":"{{epoch}}"}"""));
        Assert.That((await CallAsync("publish", """{"channel":"kept:a","data":9,"skip_history":true}""")).GetRawText(), Is.EqualTo("{}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await CallAsync("history", """{"channel":"kept:a","limit":-1}""")).GetRawText(),
                Is.EqualTo($$$"""{"publications":[{"data":{"n": 1},"offset":1,"tags":{"t":"1"}},{"b64data":"/w==","offset":2}],"epoch":"{{{epoch}}}","offset":2}"""));
            Assert.That((await CallAsync("history", """{"channel":"kept:a"}""")).GetRawText(), Is.EqualTo($$$"""{"publications":[],"epoch":"{{{epoch}}}","offset":2}"""));
            Assert.That(
                (await CallAsync("history", $$$"""{"channel":"kept:a","limit":5,"since":{"offset":1,"epoch":"{{{epoch}}}"}}""")).GetProperty("publications").GetArrayLength(), Is.EqualTo(1));
            Assert.That(
                (await CallAsync("history", """{"channel":"kept:a","limit":1,"reverse":true}""")).GetProperty("publications")[0].GetProperty("offset").GetInt32(), Is.EqualTo(2));
            Assert.That((await Broker.PostWithKeyAsync("/api/history", """{"channel":"kept:a","limit":1,"since":{"offset":1,"epoch":"other"}}""")).Body, Does.Contain("112"));
        }

        await CallAsync("history_remove", """{"channel":"kept:a"}""");
        Assert.That((await CallAsync("history", """{"channel":"kept:a","limit":-1}""")).GetRawText(), Is.EqualTo($$$"""{"publications":[],"epoch":"{{{epoch}}}","offset":2}"""));
    }

    [Test]
    [Checklist(155)]
    public async Task A_broadcast_reaches_every_valid_channel()
    {
        var client = await ConnectAsync("42");
        await client.SubscribeAsync("chat:a");
        await client.SubscribeAsync("public.a", id: 3);

        var answer = await Broker.PostWithKeyAsync("/api/broadcast", """{"channels":["chat:a","unknown:a","kept:a","public.a",""],"data":1,"tags":{"t":"1"}}""");

        var epoch = JsonDocument.Parse(answer.Body).RootElement.GetProperty("result").GetProperty("responses")[2].GetProperty("result").GetProperty("epoch").GetString();
        Assert.That(answer.Body, Is.EqualTo(
            """{"result":{"responses":[{"result":{}},{"error":{"code":102,"message":"unknown channel"}},{"result":{"offset":1,"epoch":"EPOCH"}},{"result":{}},{"error":{"code":107,"message":"bad request: channel is needed"}}]}}"""
                .Replace("EPOCH", epoch, StringComparison.Ordinal)));
        Assert.That((await client.ReadMessageAsync(), await client.ReadMessageAsync()), Is.EqualTo((
            """{"push":{"channel":"chat:a","pub":{"data":1,"tags":{"t":"1"}}}}""", """{"push":{"channel":"public.a","pub":{"data":1,"tags":{"t":"1"}}}}""")));
    }

    [TestCase("", "chat:a=2 chat:b=1 public.x.y=1")]
    [TestCase("chat:*", "chat:a=2 chat:b=1")]
    [TestCase("*.?", "public.x.y=1")]
    [TestCase("chat:[!a]", "chat:b=1")]
    [TestCase("{chat:a,public.*}", "chat:a=2 public.x.y=1")]
    [TestCase("CHAT:*", "")]
    [TestCase("chat", "")]
    [Checklist(158)]
    public async Task Channels_with_subscribers_are_listed_by_pattern(string pattern, string expected)
    {
        var client = await ConnectAsync("42");
        await client.SubscribeAsync("chat:a");
        await client.SubscribeAsync("chat:b", id: 3);
        await client.SubscribeAsync("public.x.y", id: 4);
        await (await ConnectAsync("7")).SubscribeAsync("chat:a");

        var channels = (await CallAsync("channels", $$"""{"pattern":"{{pattern}}"}""")).GetProperty("channels");

        Assert.That(
            string.Join(' ', channels.EnumerateObject().Select(channel => $"{channel.Name}={channel.Value.GetProperty("num_clients").GetInt32()}").Order(StringComparer.Ordinal)),
            Is.EqualTo(expected));
    }

    [TestCase("[a")]
    [TestCase("{a")]
    public async Task An_invalid_pattern_is_an_error(string pattern)
    {
        Assert.That((await Broker.PostWithKeyAsync("/api/channels", $$"""{"pattern":"{{pattern}}"}""")).Body, Does.StartWith("""{"error":{"code":107,"""));
        Assert.That((await Broker.PostWithKeyAsync("/api/channels", $$"""{"pattern":"{{new string('*', 1025)}}"}""")).Body, Does.StartWith("""{"error":{"code":107,"""));
    }

    [Test]
    [Checklist(26, 77, 79)]
    public async Task Bytes_that_are_not_JSON_disconnect_JSON_clients_that_listen()
    {
        var client = await ConnectAsync("42");
        await client.SubscribeAsync("chat:a");

        await CallAsync("publish", """{"channel":"chat:a","b64data":"/w=="}""");

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((3506, "inappropriate protocol")));
    }

    [Test]
    [Checklist(80)]
    public async Task The_format_of_a_namespace_applies_to_back_ends()
    {
        Assert.That((await Broker.PostWithKeyAsync("/api/publish", """{"channel":"object:a","data":[1]}""")).Body, Does.Contain("107"));
        Assert.That((await Broker.PostWithKeyAsync("/api/publish", """{"channel":"object:a","b64data":"/w=="}""")).Body, Does.Contain("107"));
        Assert.That((await Broker.PostWithKeyAsync("/api/publish", """{"channel":"object:a","data": {"a":1} }""")).Body, Is.EqualTo(Done));
        Assert.That((await Broker.PostWithKeyAsync("/api/publish", """{"channel":"binary:a"}""")).Body, Is.EqualTo(Done));
    }

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Identity = options.Identity with { JwtSecret = TestToken.Secret },
        Connections = options.Connections with { MaxSubscriptionsPerConnection = 4 },
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["chat"] = new() { Subscribe = new(true, true, true), Presence = true },
                ["kept"] = new() { HistorySize = 10, HistoryTtl = TimeSpan.FromMinutes(5), ForceRecovery = true },
                ["plain"] = new(),
                ["object"] = new() { PayloadFormat = PayloadFormat.JsonObject },
                ["binary"] = new() { PayloadFormat = PayloadFormat.Binary },
            },
            null),
    };

    private Task<RunningWebSocket> ConnectAsync(string user) => Broker.ConnectAsync(TestToken.Of($$"""{"sub":"{{user}}"}"""));

    private async Task<JsonElement> CallAsync(string method, string body)
    {
        var answer = await Broker.PostWithKeyAsync($"/api/{method}", body);
        Assert.That(answer.Body, Does.StartWith("""{"result":"""));
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("result");
    }

    private async Task<(RunningWebSocket Client, string Id)> ConnectWithIdAsync(string user)
    {
        var client = await Broker.UpgradeAsync();
        var reply = await client.AskAsync($$$"""{"id":1,"connect":{"token":"{{{TestToken.Of($$"""{"sub":"{{user}}"}""")}}}"}}""");
        using var json = JsonDocument.Parse(reply);
        return (client, json.RootElement.GetProperty("connect").GetProperty("client").GetString()!);
    }

    // Everything that was sent before the answer arrives before it.
    private static async Task AssertHeardNothingAsync(params RunningWebSocket[] clients)
    {
        foreach (var client in clients)
        {
            Assert.That(await client.AskAsync("""{"id":99,"unsubscribe":{"channel":"public.none"}}"""), Is.EqualTo("""{"id":99,"unsubscribe":{}}"""));
        }
    }
}
