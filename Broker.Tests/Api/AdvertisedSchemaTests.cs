using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The schema of an advertisement applies to every publish, through any API.</summary>
public sealed class AdvertisedSchemaTests : RunningBrokerTests
{
    private const string Schema =
        """{"type":"object","properties":{"celsius":{"type":"number","minimum":-90},"place":{"type":"string"}},"required":["celsius"]}""";

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Publishing = options.Publishing with { PublishesPerSecond = 1000 } };

    [TestCase("""{"celsius":7}""")]
    [TestCase("""{"celsius":7,"more":true}""")]
    [TestCase("null")]
    public async Task A_payload_that_matches_the_schema_is_published(string payload)
    {
        var alice = await AdvertiseAsync(Schema);

        Assert.That(await PublishAsync(alice, payload), Is.EqualTo(RunningAnswer.Json(200, """{"ok":true,"result":{}}""")));
    }

    [Test]
    public async Task A_missing_payload_is_not_checked()
    {
        var alice = await AdvertiseAsync(Schema);

        Assert.That((await Broker.PostAsync("/api/publish", """{"channel":"agent.alice.x"}""", alice)).Status, Is.EqualTo(200));
    }

    [TestCase("{}", """{"path":"","message":"Missing required field: celsius"}""")]
    [TestCase("""{"celsius":-91}""", """{"path":"celsius","message":"Value must be >= -90"}""")]
    [TestCase("""{"celsius":1,"place":5}""", """{"path":"place","message":"Expected type string, got number"}""")]
    [TestCase("5", """{"path":"","message":"Expected type object, got number"}""")]
    public async Task A_payload_that_does_not_match_is_refused_and_not_delivered(string payload, string mismatch)
    {
        var alice = await AdvertiseAsync(Schema);
        var listener = await Broker.ConnectAsync();
        await listener.SubscribeAsync("agent.alice.x");

        var refused = await PublishAsync(alice, payload);
        await PublishAsync(alice, """{"celsius":42}""");

        Assert.That(refused, Is.EqualTo(RunningAnswer.Json(400, $$"""{"error":"Schema validation failed","validation_errors":[{{mismatch}}]}""")));
        Assert.That(await listener.ReadPublicationAsync(), Does.Contain("42"));
    }

    [Test]
    public async Task The_schema_applies_to_publishes_over_a_WebSocket()
    {
        var client = await Broker.ConnectAsync(await AdvertiseAsync(Schema));

        var refused = await client.AskAsync("""{"id":2,"publish":{"channel":"agent.alice.x","data":{"celsius":"\"warm\""}}}""");
        var published = await client.AskAsync("""{"id":3,"publish":{"channel":"agent.alice.x","data":{"celsius":7}}}""");

        Assert.That((refused, published), Is.EqualTo((
            """{"id":2,"error":{"code":107,"message":"Schema validation failed: celsius: Expected number, got string"}}""",
            """{"id":3,"publish":{}}""")));
    }

    [Test]
    public async Task Text_from_a_stranger_cannot_break_out_of_the_error()
    {
        var client = await Broker.ConnectAsync(await AdvertiseAsync("""{"properties":{"a\"b\\c\n\u00e9":{"type":"string"}}}"""));

        Assert.That(
            await client.AskAsync("""{"id":2,"publish":{"channel":"agent.alice.x","data":{"a\"b\\c\n\u00e9":1}}}"""),
            Is.EqualTo("""{"id":2,"error":{"code":107,"message":"Schema validation failed: a\"b\\c\né: Expected type string, got number"}}"""));
    }

    [Test]
    public async Task Rate_size_and_permission_come_before_the_schema()
    {
        await AdvertiseAsync(Schema);

        Assert.That((await PublishAsync(await Broker.RegisterAsync("bob"), "{}")).Status, Is.EqualTo(403));
    }

    [Test]
    public async Task A_new_schema_applies_immediately_until_it_is_removed()
    {
        var alice = await AdvertiseAsync(Schema);
        var first = await PublishAsync(alice, "\"text\"");
        await AdvertiseAsync("""{"type":"string"}""", alice);
        var second = await PublishAsync(alice, "\"text\"");
        var third = await PublishAsync(alice, "5");
        await Broker.SendAsync(HttpMethod.Delete, "/api/advertise", [.. """{"channel":"agent.alice.x"}"""u8], ("Authorization", $"Bearer {alice}"));

        Assert.That((first.Status, second.Status, third.Status, (await PublishAsync(alice, "5")).Status), Is.EqualTo((400, 200, 400, 200)));
    }

    [TestCase("\"text\"")]
    [TestCase("5")]
    [TestCase("[]")]
    [TestCase("true")]
    [TestCase("null")]
    public async Task An_invalid_schema_allows_any_payload(string schema)
    {
        var alice = await AdvertiseAsync(schema);

        Assert.That((await PublishAsync(alice, "5")).Status, Is.EqualTo(200));
    }

    [TestCase("""{"$ref":"http://127.0.0.1:1/schema"}""")]
    [TestCase("""{"$ref":"file:///etc/passwd"}""")]
    [TestCase("""{"pattern":"(a)\\1"}""")]
    public async Task An_unusable_schema_is_reported_at_the_publish(string schema)
    {
        var alice = await AdvertiseAsync(schema);

        var answer = await PublishAsync(alice, "\"text\"");

        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Body, Does.StartWith("""{"error":"Schema validation failed","validation_errors":[{"path":"","message":"The advertised schema cannot be used: """));
    }

    [Test]
    public async Task The_schema_applies_to_channels_of_apps()
    {
        using var made = JsonDocument.Parse((await Broker.PostAsync("/api/apps", """{"name":"shop"}""", await Broker.RegisterAsync("alice"))).Body);
        var key = made.RootElement.GetProperty("key").GetString()!;
        await Broker.PostAsync("/api/advertise", """{"channel":"app.shop.x","schema":{"type":"string"}}""", key);

        Assert.That(await Broker.PostAsync("/api/publish", """{"channel":"app.shop.x","payload":5}""", key), Is.EqualTo(RunningAnswer.Json(
            400, """{"error":"Schema validation failed","validation_errors":[{"path":"","message":"Expected type string, got number"}]}""")));
        Assert.That((await Broker.PostAsync("/api/publish", """{"channel":"app.shop.x","payload":"5"}""", key)).Status, Is.EqualTo(200));
    }

    [TestCase("\"data\":{\"celsius\":7}", null)]
    [TestCase("\"data\":null", null)]
    [TestCase("\"client\":\"c\"", null)]
    [TestCase("\"b64data\":\"eyJjZWxzaXVzIjo3fQ==\"", null)]
    [TestCase("\"data\":{}", "Schema validation failed: Missing required field: celsius")]
    [TestCase("\"data\":{\"celsius\":1,\"place\":5}", "Schema validation failed: place: Expected type string, got number")]
    [TestCase("\"b64data\":\"e30=\"", "Schema validation failed: Missing required field: celsius")]
    [TestCase("\"b64data\":\"?\"", "data must be JSON")]
    [TestCase("\"b64data\":\"bm8ganNvbg==\"", "data must be JSON")]
    [TestCase("\"b64data\":5", "data must be JSON")]
    public async Task The_schema_applies_to_a_Centrifugo_in_front_that_sends_the_data(string data, string? fault)
    {
        await AdvertiseAsync(Schema);

        Assert.That(
            await Broker.PostAsync("/proxy/publish", $$"""{"channel":"agent.alice.x","user":"alice",{{data}}}"""),
            Is.EqualTo(RunningAnswer.Json(200, fault is null ? """{"result":{}}""" : $$$"""{"error":{"code":400,"message":"{{{fault}}}"}}""")));
    }

    [Test]
    public async Task A_proxy_call_checks_the_permission_before_the_schema()
    {
        await AdvertiseAsync(Schema);

        Assert.That(
            await Broker.PostAsync("/proxy/publish", """{"channel":"agent.alice.x","user":"bob","data":{}}"""),
            Is.EqualTo(RunningAnswer.Json(200, """{"error":{"code":403,"message":"permission denied"}}""")));
    }

    [Test]
    public async Task The_server_API_publishes_without_a_schema_check()
    {
        await AdvertiseAsync(Schema);

        Assert.That((await Broker.PostWithKeyAsync("/api/publish", """{"channel":"agent.alice.x","data":"anything"}""")).Body, Is.EqualTo("""{"result":{}}"""));
    }

    private async Task<string> AdvertiseAsync(string schema, string? token = null)
    {
        var alice = token ?? await Broker.RegisterAsync("alice");
        var answer = await Broker.PostAsync("/api/advertise", $$"""{"channel":"agent.alice.x","schema":{{schema}} }""", alice);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return alice;
    }

    private Task<RunningAnswer> PublishAsync(string token, string payload) =>
        Broker.PostAsync("/api/publish", $$"""{"channel":"agent.alice.x","payload":{{payload}} }""", token);
}
