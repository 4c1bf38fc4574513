using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Channels in namespaces, as in Centrifugo, over a WebSocket and over HTTP.</summary>
public sealed class NamespacesTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Publishing = options.Publishing with { PublishesPerSecond = 1 },
        Namespaces = new ChannelNamespaces(
            new Dictionary<string, ChannelOptions>
            {
                ["chat"] = new() { Subscribe = new(true, false, false), Publish = new(false, true, false), PayloadFormat = PayloadFormat.JsonObject, ChannelPattern = new("^[a-z]+$") },
                ["limited"] = new() { AllowUserLimitedChannels = true },
                ["open"] = new() { Subscribe = new(true, false, true), Publish = new(true, false, true) },
            },
            new ChannelOptions { Subscribe = new(true, false, true) }),
    };

    [Test]
    [Checklist(64)]
    public async Task A_publication_is_delivered_unchanged_with_its_sender()
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await client.SubscribeAsync("chat:room");

        await client.SendTextAsync("""{"id":3,"publish":{"channel":"chat:room","data":{"text":"hi"}}}""");

        string[] messages = [await client.ReadMessageAsync(), await client.ReadMessageAsync()];
        Assert.That(messages, Has.One.StartsWith("""{"push":{"channel":"chat:room","pub":{"data":{"text":"hi"},"info":{"user":"alice","client":"""));
        Assert.That(messages, Has.One.EqualTo("""{"id":3,"publish":{}}"""));
    }

    [Test]
    public async Task Publishing_in_a_namespace_is_not_counted()
    {
        var client = await Broker.ConnectAsync();
        foreach (var id in Enumerable.Range(2, 5))
        {
            Assert.That(await client.AskAsync($$$"""{"id":{{{id}}},"publish":{"channel":"open:x","data":1}}"""), Is.EqualTo($$$"""{"id":{{{id}}},"publish":{}}"""));
        }
    }

    [TestCase("""{"subscribe":{"channel":"chat:room"}}""", 103, "permission denied: anonymous")]
    [TestCase("""{"subscribe":{"channel":"chat:Room"}}""", 107, "bad request: the channel name does not match the channel_regex of its namespace")]
    [TestCase("""{"subscribe":{"channel":"$open:x"}}""", 103, "permission denied: token_needed")]
    [TestCase("""{"subscribe":{"channel":"other:x"}}""", 102, "unknown channel")]
    [TestCase("""{"subscribe":{"channel":"agent.alice"}}""", 403, "permission denied: unusable_name")]
    [TestCase("""{"publish":{"channel":"chat:room","data":{}}}""", 103, "permission denied: not_subscribed")]
    [TestCase("""{"publish":{"channel":"chat:Room","data":{}}}""", 107, "bad request: the channel name does not match the channel_regex of its namespace")]
    [TestCase("""{"publish":{"channel":"other:x","data":{}}}""", 102, "unknown channel")]
    [Checklist(60, 62, 63, 76)]
    public async Task A_refusal_of_an_anonymous_client_has_a_reason(string command, int code, string message)
    {
        var client = await Broker.ConnectAsync();

        Assert.That(
            await client.AskAsync("""{"id":2,""" + command[1..]),
            Is.EqualTo($$$"""{"id":2,"error":{"code":{{{code}}},"message":"{{{message}}}"}}"""));
    }

    [TestCase("1")]
    [TestCase("[{}]")]
    [TestCase("null")]
    public async Task A_payload_of_another_kind_is_refused(string payload)
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await client.SubscribeAsync("chat:room");

        Assert.That(
            await client.AskAsync($$$"""{"id":3,"publish":{"channel":"chat:room","data":{{{payload}}} }}"""),
            Is.EqualTo("""{"id":3,"error":{"code":107,"message":"bad request: data has to be a JSON object in this namespace (publication_data_format)"}}"""));
    }

    [Test]
    public async Task A_name_without_a_namespace_has_options_of_its_own()
    {
        var client = await Broker.ConnectAsync();

        Assert.That(await client.AskAsync("""{"id":2,"subscribe":{"channel":"news"}}"""), Is.EqualTo("""{"id":2,"subscribe":{}}"""));
    }

    [TestCase("limited:room#alice", true)]
    [TestCase("limited:room#bob,alice", true)]
    [TestCase("limited:room#bob", false)]
    [Checklist(66)]
    public async Task A_channel_that_names_its_users_is_open_to_them_only(string channel, bool isMember)
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));

        Assert.That(
            await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}"""),
            Is.EqualTo(isMember ? """{"id":2,"subscribe":{}}""" : """{"id":2,"error":{"code":103,"message":"permission denied: not_listed"}}"""));
    }

    [TestCase("open:chat:x", """{"id":2,"subscribe":{}}""")]
    [TestCase("open:other.x:y", """{"id":2,"subscribe":{}}""")]
    [TestCase("other.x", """{"id":2,"subscribe":{}}""")]
    [TestCase("open.x:y", """{"id":2,"error":{"code":102,"message":"unknown channel"}}""")]
    [Checklist(67)]
    public async Task The_first_colon_ends_the_namespace_and_a_dot_does_not(string channel, string reply)
    {
        var client = await Broker.ConnectAsync();

        Assert.That(await client.AskAsync($$$"""{"id":2,"subscribe":{"channel":"{{{channel}}}"}}"""), Is.EqualTo(reply));
    }

    [TestCase("open:x", 200, """{"ok":true,"result":{}}""")]
    [TestCase("chat:room", 403, """{"error":"the namespace does not let clients publish","reason":"not_subscribed"}""")]
    [TestCase("other:x", 400, """{"error":"invalid channel format"}""")]
    public async Task Publishing_over_HTTP_follows_the_same_rules(string channel, int status, string body)
    {
        var token = await Broker.RegisterAsync("alice");

        Assert.That(
            await Broker.PostAsync("/api/publish", $$"""{"channel":"{{channel}}","payload":{} }""", token),
            Is.EqualTo(RunningAnswer.Json(status, body)));
    }

    [TestCase("open:x", """{"result":{}}""")]
    [TestCase("other:x", """{"error":{"code":102,"message":"unknown channel"}}""")]
    public async Task The_server_API_publishes_to_configured_namespaces_only(string channel, string body) =>
        Assert.That((await Broker.PostWithKeyAsync("/api/publish", $$"""{"channel":"{{channel}}","data":1}""")).Body, Is.EqualTo(body));
}
