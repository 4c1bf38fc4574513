using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Advertising one's own channel and removing that: answers, stored values and refusals, in order.</summary>
public sealed class AdvertiseTests : RunningBrokerTests
{
    private const string Path = "/api/advertise";

    private readonly ManualTimeProvider _time = new();

    private protected override TimeProvider Time => _time;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Test]
    public async Task An_advertisement_is_echoed_and_stored_until_it_is_removed()
    {
        const string body = "{\"channel\":\" agent.alice.x \",\"description\":\" Some text \",\"schema\":{ \"type\" :\r\n\t\"object\", \"title\":\"a b\" }}";
        var data = $$$"""{"channel":"agent.alice.x","description":" Some text ","schema":{"type":"object","title":"a b"},"updatedAt":{{{Now}}}}""";
        var token = await Broker.RegisterAsync("alice");

        Assert.That(await Broker.PostAsync(Path, body, token), Is.EqualTo(RunningAnswer.Json(200, "{\"ok\":true,\"data\":" + data + "}")));
        Assert.That(await GetAsync("/api/advertise/alice/x"), Is.EqualTo(RunningAnswer.Json(200, $$"""{"ok":true,{{data[1..]}}""")));

        for (var i = 0; i < 2; i++)
        {
            Assert.That(await DeleteAsync("""{"channel":"agent.alice.x"}""", token), Is.EqualTo(RunningAnswer.Json(200, """{"ok":true,"removed":true}""")));
        }

        Assert.That(await GetAsync("/api/advertise/alice/x"), Is.EqualTo(RunningAnswer.Error(404, "not found")));
    }

    [TestCase("""{"channel":"agent.alice.x"}""", "null", "null")]
    [TestCase("""{"channel":"agent.alice.x","description":null,"schema":null,"more":[1]}""", "null", "null")]
    [TestCase("""{"channel":"agent.alice.x","description":"","schema":"any text"}""", "\"\"", "\"any text\"")]
    [TestCase("""{"channel":"agent.alice.x","description":"\u00e9\n\"<","schema":{"a":1,"a":"\ud83e\udd80 \" \\"}}""", "\"é\\n\\\"<\"", """{"a":1,"a":"\ud83e\udd80 \" \\"}""")]
    public async Task Missing_fields_are_null_and_others_are_stored_unchanged(string body, string description, string schema)
    {
        var token = await Broker.RegisterAsync("alice");

        Assert.That(
            await Broker.PostAsync(Path, body, token),
            Is.EqualTo(RunningAnswer.Json(200, $$$"""{"ok":true,"data":{"channel":"agent.alice.x","description":{{{description}}},"schema":{{{schema}}},"updatedAt":{{{Now}}}}}""")));
    }

    [Test]
    public async Task A_new_advertisement_replaces_the_old_one()
    {
        var token = await Broker.RegisterAsync("alice");
        await Broker.PostAsync(Path, """{"channel":"agent.alice.x","description":"old","schema":{}}""", token);

        await Broker.PostAsync(Path, """{"channel":"agent.alice.x"}""", token);

        Assert.That(
            await GetAsync("/api/advertise/alice"),
            Is.EqualTo(RunningAnswer.Json(200, $$$"""{"ok":true,"agent":"alice","count":1,"total":1,"advertisements":[{"channel":"agent.alice.x","description":null,"schema":null,"updatedAt":{{{Now}}}}]}""")));
    }

    [TestCase(5000, 200)]
    [TestCase(5001, 413)]
    public async Task A_description_has_a_limit(int length, int status)
    {
        var answer = await PostAsync($$"""{"channel":"agent.alice.x","description":"{{new string('é', length)}}"}""");

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Body, status == 200 ? Does.StartWith("""{"ok":true,""") : Is.EqualTo("""{"error":"description too long (max 5000 chars)"}"""));
    }

    [TestCase(32768, 200)]
    [TestCase(32769, 413)]
    public async Task White_space_does_not_count_for_the_limit_of_a_schema(int bytes, int status)
    {
        var answer = await PostAsync($$"""{"channel":"agent.alice.x","schema":[ {{new string(' ', 50_000)}} "{{new string('x', bytes - 4)}}"]}""");

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Body, status == 200 ? Does.StartWith("""{"ok":true,""") : Is.EqualTo("""{"error":"schema too large (max 32768 bytes)"}"""));
    }

    [TestCase("5")]
    [TestCase("{}")]
    [TestCase("\"\\ud800\"")]
    public async Task A_description_that_is_not_text_is_refused(string description) =>
        Assert.That(
            await PostAsync($$"""{"channel":"agent.alice.x","description":{{description}}}"""),
            Is.EqualTo(RunningAnswer.Error(400, "description must be a string")));

    [TestCase("public.a", 400, "invalid channel format", "invalid channel format")]
    [TestCase("system.timer.second", 400, "invalid channel format", "invalid channel format")]
    [TestCase("app.a.agent.x.y", 400, "invalid channel format", "invalid channel format")]
    [TestCase("agent.alice.é", 400, "invalid channel format", "invalid channel format")]
    [TestCase("agent.alice.a\\nb", 400, "invalid channel format", "invalid channel format")]
    [TestCase("app.shop.agent", 403, "cannot advertise app.agent reserved channels", "cannot remove advertisements from app.agent reserved channels")]
    [TestCase("agent.bob.x", 403, "can only advertise your own channels", "can only remove your own advertisements")]
    [TestCase("agent.*.x", 403, "can only advertise your own channels", "can only remove your own advertisements")]
    [TestCase("agent.alice:x.y", 403, "can only advertise your own channels", "can only remove your own advertisements")]
    [TestCase("app.alice.x", 403, "can only advertise your own channels", "can only remove your own advertisements")]
    public async Task Another_owners_channel_is_refused_and_nothing_is_stored(string channel, int status, string onPost, string onDelete)
    {
        var (body, rule) = ($$"""{"channel":"{{channel}}","description":5}""", channel == "app.shop.agent" ? "reserved" : "not_owner");

        Assert.That(await PostAsync(body), Is.EqualTo(RunningAnswer.Refused(status, onPost, rule)));
        Assert.That(await DeleteAsync(body, await Broker.RegisterAsync("alice")), Is.EqualTo(RunningAnswer.Refused(status, onDelete, rule)));
        Assert.That(await CountAllAsync(), Is.Zero);
    }

    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("""{"channel":" "}""")]
    public async Task A_missing_channel_is_reported(string body)
    {
        Assert.That(await PostAsync(body), Is.EqualTo(RunningAnswer.Error(400, "channel required")));
        Assert.That(await DeleteAsync(body, await Broker.RegisterAsync("alice")), Is.EqualTo(RunningAnswer.Error(400, "channel required")));
    }

    [Test]
    public async Task Without_a_token_any_body_is_refused()
    {
        Assert.That(await Broker.PostAsync(Path, "{"), Is.EqualTo(RunningAnswer.Error(401, "Missing bearer token")));
        Assert.That(await DeleteAsync("{", null), Is.EqualTo(RunningAnswer.Error(401, "Missing bearer token")));
    }

    private async Task<RunningAnswer> PostAsync(string body) => await Broker.PostAsync(Path, body, await Broker.RegisterAsync("alice"));

    private Task<RunningAnswer> DeleteAsync(string body, string? token) =>
        Broker.SendAsync(HttpMethod.Delete, Path, Encoding.UTF8.GetBytes(body), token is null ? [] : [("Authorization", $"Bearer {token}")]);

    private Task<RunningAnswer> GetAsync(string path) => Broker.SendAsync(HttpMethod.Get, path, null);

    private async Task<int> CountAllAsync()
    {
        using var list = JsonDocument.Parse((await GetAsync("/api/advertise/list")).Body);
        return list.RootElement.GetProperty("total").GetInt32();
    }
}
