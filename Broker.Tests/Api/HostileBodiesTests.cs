using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Every operation that reads a body, with bodies that no honest client sends.</summary>
/// <remarks>The operations are those of the OpenAPI document, so that new ones are covered automatically.</remarks>
[TestFixture(TestStore.Sqlite)]
[TestFixture(TestStore.Redis)]
public sealed class HostileBodiesTests(TestStore store) : RunningBrokerTests(store)
{
    // Facts that the broker stores itself, and the key that the test requested.
    private const string Harmless = "^(apikey:alice|ratelimit:alice|stats:.*|clawevents:scanned)$";

    private static readonly (string Name, byte[] Bytes, int[] Statuses)[] Bodies =
    [
        ("empty", [], [400]),
        ("not JSON", [.. "nonsense"u8], [400]),
        ("half an object", [.. """{"channel":"agent.alice.x","""u8], [400]),
        ("two values", [.. "{}{}"u8], [400]),
        ("a byte order mark", [0xEF, 0xBB, 0xBF, .. "{}"u8], [400]),
        ("not UTF-8", [.. "{\"channel\":\"agent.alice."u8, 0xFF, .. "\"}"u8], [400]),
        ("null", [.. "null"u8], [400]),
        ("a list", [.. "[]"u8], [400]),
        ("a string", [.. "\"channel\""u8], [400]),
        ("no field", [.. "{}"u8], [400]),
        ("unknown fields only", [.. """{"channels":"agent.alice.x","user":"alice","names":[1]}"""u8], [400]),
        ("nulls", [.. Fields("null")], [400]),
        ("numbers", [.. Fields("5")], [400]),
        ("flags", [.. Fields("true")], [400]),
        ("lists", [.. Fields("[\"agent.alice.x\"]")], [400]),
        ("objects", [.. Fields("{}")], [400]),
        ("blanks", [.. Fields("\"  \"")], [400]),
        ("half a surrogate pair", [.. Fields("\"agent.alice.\\ud800\"")], [400]),
        ("a field named half a surrogate pair", [.. """{"\ud800":1}"""u8], [400]),
        ("a field twice", [.. """{"channel":"agent.alice.x","channel":"agent.bob.x","username":"alice","username":"bob","name":"one","name":"two"}"""u8], [400]),
        ("a field twice, one escaped", [.. """{"channel":"agent.alice.x","ch\u0061nnel":"agent.bob.x","username":"bob","usern\u0061me":"b","name":"one","n\u0061me":"two"}"""u8], [400]),
        ("deep nesting", Encoding.UTF8.GetBytes($$"""{"channel":"agent.alice.x","username":"bob","name":"one","payload":{{new string('[', 30_000)}}{{new string(']', 30_000)}}}"""), [400]),
        ("a megabyte", Encoding.UTF8.GetBytes($$"""{"channel":"agent.alice.x","username":"bob","name":"one","extra":"{{new string('x', 1024 * 1024)}}"}"""), [413]),
        ("names of 20,000 letters", Encoding.UTF8.GetBytes($$"""{"channel":"agent.alice.{{new string('x', 20_000)}}","username":"{{new string('x', 20_000)}}","name":"{{new string('x', 20_000)}}"}"""), [400]),
    ];

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Addresses = new() { SignIns = BucketRule.Unlimited } };

    [Test]
    public async Task A_broken_body_is_a_clear_error_at_every_operation_and_changes_nothing()
    {
        var token = await Broker.RegisterAsync("alice");
        var listener = await Broker.ConnectAsync(token);
        await listener.SubscribeAsync("agent.alice.x");
        using (Assert.EnterMultipleScope())
        {
            foreach (var (method, path) in await FindOperationsAsync())
            {
                foreach (var body in Bodies)
                {
                    // The broker refuses a long body before it has arrived, and closes: a client that goes on sending may miss the answer.
                    var answer = await Broker.SendAsync(method, path, body.Bytes, ("Authorization", $"Bearer {token}"), ("Expect", "100-continue"));
                    Assert.That(body.Statuses, Does.Contain(answer.Status), $"{method} {path}, {body.Name}: {answer.Body}");
                    Assert.That(() => JsonDocument.Parse(answer.Body).RootElement.GetProperty("error").GetString(), Is.Not.Empty, $"{method} {path}, {body.Name}");
                }
            }
        }

        await AssertNothingChangedAsync(listener);
    }

    private async Task AssertNothingChangedAsync(RunningWebSocket listener)
    {
        var locks = await Broker.SendAsync(HttpMethod.Get, "/api/locks/alice", null);
        var advertised = await Broker.SendAsync(HttpMethod.Get, "/api/advertise/list", null);
        await Broker.PublishAsync("agent.alice.x", "\"the only one\"");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(locks.Body, Is.EqualTo("""{"ok":true,"agent":"alice","lockedChannels":[],"count":0,"total":0}"""));
            Assert.That(advertised.Body, Does.Contain("\"total\":0"));
            Assert.That(await listener.ReadPublicationAsync(), Does.Contain("the only one"));
            Assert.That(Database is null ? [] : await Database.ListAsync(), Is.All.Match(Harmless));
        }
    }

    // The proxy questions answer 200 to everything, the server API asks for its own key: each has its own tests.
    private async Task<List<(HttpMethod, string)>> FindOperationsAsync()
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, "/docs/openapi.json", null);
        using var document = JsonDocument.Parse(answer.Body);
        var operations = (
            from path in document.RootElement.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            where operation.Value.TryGetProperty("requestBody", out _) && !IsForKey(operation.Value) && !IsForOthers(path.Name)
            select (new HttpMethod(operation.Name.ToUpperInvariant()), path.Name)).ToList();
        Assert.That(operations, Has.Count.GreaterThan(9));
        return operations;
    }

    // Centrifugo and its clients read these answers, which have another form.
    private static bool IsForOthers(string path) => path.StartsWith("/proxy/", StringComparison.Ordinal) || path.StartsWith("/connection/", StringComparison.Ordinal) || path is "/emulation";

    private static bool IsForKey(JsonElement operation) =>
        operation.GetProperty("security").EnumerateArray().Select(proof => proof.EnumerateObject().Single().Name).SequenceEqual(["key"]);

    private static byte[] Fields(string value) =>
        Encoding.UTF8.GetBytes($$"""{"channel":{{value}},"target":{{value}},"username":{{value}},"name":{{value}},"nonce":{{value}},"signature":{{value}}}""");
}
