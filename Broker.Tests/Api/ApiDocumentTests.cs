using System.Net;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

public sealed class ApiDocumentTests : RunningBrokerTests
{
    private const string Token = "token";
    private const string Key = "key";

    /// <summary>A request for every operation that answers JSON, in an order in which each succeeds.</summary>
    private static readonly (string Operation, string? Proof, string? Body)[] Requests =
    [
        ("GET /health", null, null),
        ("GET /health/ready", null, null),
        ("GET /health/live", null, null),
        ("GET /api/drain", Key, null),
        ("POST /api/drain", Key, null),
        ("DELETE /api/drain", Key, null),
        ("POST /auth/init", null, """{"username":"bob"}"""),
        ("POST /api", Key, """{"method":"info","params":{}}"""),
        ("POST /api/info", Key, "{}"),
        ("POST /api/broadcast", Key, """{"channels":["public.a"],"data":1}"""),
        ("POST /api/subscribe", Key, """{"channel":"public.a"}"""),
        ("POST /api/unsubscribe", Key, """{"channel":"public.a"}"""),
        ("POST /api/disconnect", Key, """{"user":"bob"}"""),
        ("POST /api/refresh", Key, """{"user":"bob"}"""),
        ("POST /api/presence", Key, """{"channel":"public.a"}"""),
        ("POST /api/presence_stats", Key, """{"channel":"public.a"}"""),
        ("POST /api/history", Key, """{"channel":"public.a"}"""),
        ("POST /api/history_remove", Key, """{"channel":"public.a"}"""),
        ("POST /api/channels", Key, """{"pattern":"public.*"}"""),
        ("POST /api/batch", Key, """{"commands":[{"info":{}}]}"""),
        ("POST /api/rpc", Key, """{"method":"x"}"""),
        ("POST /api/shared_poll_publish", Key, """{"channel":"public.a","key":"k","data":1,"version":1}"""),
        ("POST /api/map_publish", Key, """{"channel":"public.a","key":"k","data":1}"""),
        ("POST /api/map_remove", Key, """{"channel":"public.a","key":"k"}"""),
        ("POST /api/map_read_state", Key, """{"channel":"public.a"}"""),
        ("POST /api/map_read_stream", Key, """{"channel":"public.a"}"""),
        ("POST /api/map_stats", Key, """{"channel":"public.a"}"""),
        ("POST /api/map_clear", Key, """{"channel":"public.a"}"""),
        ("POST /api/publish", Token, """{"channel":"agent.alice.x","payload":1}"""),
        ("POST /proxy/subscribe", null, """{"channel":"agent.alice.x"}"""),
        ("POST /proxy/publish", null, """{"channel":"agent.alice.x"}"""),
        ("POST /api/lock", Token, """{"channel":"agent.alice.x"}"""),
        ("GET /api/locks/alice", null, null),
        ("POST /api/grant", Token, """{"channel":"agent.alice.x","target":"bob"}"""),
        ("POST /api/revoke", Token, """{"channel":"agent.alice.x","target":"bob"}"""),
        ("GET /api/connections", Key, null),
        ("GET /api/access?channel=agent.alice.x", Key, null),
        ("POST /api/token", Key, """{"user":"dave"}"""),
        ("POST /api/token/check", Key, """{"token":"x"}"""),
        ("POST /api/token/revoke", Key, """{"user":"dave"}"""),
        ("GET /api/rates", Key, null),
        ("GET /api/warnings", Key, null),
        ("GET /api/settings", Key, null),
        ("GET /api/explain?channel=agent.alice.x&action=subscribe", Token, null),
        ("GET /api/explain?channel=agent.alice.x&action=publish", "other", null),
        ("GET /api/top", Key, null),
        ("GET /api/top?channel=public.a", Key, null),
        ("POST /api/request", "other", """{"channel":"agent.alice.x"}"""),
        ("POST /api/unlock", Token, """{"channel":"agent.alice.x"}"""),
        ("POST /api/advertise", Token, """{"channel":"agent.alice.x"}"""),
        ("GET /api/advertise/list", null, null),
        ("GET /api/advertise/search?q=alice", null, null),
        ("GET /api/advertise/alice", null, null),
        ("GET /api/advertise/alice/x", null, null),
        ("GET /api/profile/alice", null, null),
        ("DELETE /api/advertise", Token, """{"channel":"agent.alice.x"}"""),
        ("POST /api/apps", Token, """{"name":"shop"}"""),
        ("GET /api/apps", Token, null),
        ("GET /api/apps/shop", Token, null),
        ("POST /api/apps/shop/rotate", Token, null),
        ("DELETE /api/apps/shop", Token, null),
        ("POST /api/webhooks", Token, """{"channel":"public.a","url":"https://127.0.0.1:9/"}"""),
        ("GET /api/webhooks", Token, null),
        ("GET /api/webhooks/WEBHOOK", Token, null),
        ("POST /api/webhooks/WEBHOOK/rotate", Token, null),
        ("POST /api/webhooks/WEBHOOK/resume", Token, null),
        ("POST /api/webhooks/WEBHOOK/test", Token, null),
        ("DELETE /api/webhooks/WEBHOOK", Token, null),
        ("GET /agents", null, null),
        ("POST /auth/dev-register", null, """{"username":"carol"}"""),
        ("POST /auth/revoke", Token, null),
    ];

    /// <summary>Operations that <see cref="Requests"/> omits: 101 and 204 have no body, a stream has no end, an empty object no fields, a page is not JSON, and a login ends with a profile (LoginTests, SshKeyLoginTests).</summary>
    private static readonly string[] WithoutRequest =
    [
        "GET /connection/websocket", "GET /connection/uni_websocket", "POST /connection/http_stream", "GET /connection/sse", "POST /connection/sse",
        "POST /connection/uni_http_stream", "GET /connection/uni_sse", "POST /connection/uni_sse", "POST /emulation",
        "GET /connection/init",
        "GET /api/trace", "GET /stats", "POST /auth/verify", "POST /auth/agent/init", "POST /auth/agent/verify",
    ];

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Identity = options.Identity with { MoltbookApiKey = "key" }, Webhooks = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")] } };

    [Test]
    public async Task The_document_lists_every_route_and_nothing_else() =>
        Assert.That((await ReadAsync()).Select(operation => operation.Name), Is.EquivalentTo(Broker.Routes));

    [Test]
    public async Task Every_operation_says_what_it_does() =>
        Assert.That((await ReadAsync()).Where(operation => !operation.Json.TryGetProperty("summary", out var summary) || summary.GetString() is ""), Is.Empty);

    [Test]
    public async Task Every_operation_has_a_request_in_this_test() =>
        Assert.That(
            (await ReadAsync()).Select(operation => operation.Name).Where(name => !Requests.Any(request => IsOf(request.Operation, name))),
            Is.EquivalentTo(WithoutRequest));

    [Test]
    public async Task Answers_have_the_fields_that_the_document_promises_and_no_others()
    {
        var operations = await ReadAsync();
        var (alice, bob) = (await Broker.RegisterAsync("alice"), await Broker.RegisterAsync("bob"));
        using (Assert.EnterMultipleScope())
        {
            var webhook = "";
            foreach (var (operation, proof, body) in Requests)
            {
                var request = operation.Replace("WEBHOOK", webhook, StringComparison.Ordinal);
                var answer = await SendAsync(request, proof, body, alice, bob);
                Assert.That(answer.Status, Is.EqualTo(200), $"{request}: {answer.Body}");
                var schema = operations.Single(described => IsOf(request, described.Name)).Json
                    .GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
                using var json = JsonDocument.Parse(answer.Body);
                webhook = json.RootElement.TryGetProperty("webhook", out var made) ? made.GetProperty("id").GetString()! : webhook;
                var fields = json.RootElement.EnumerateObject().Select(field => field.Name).ToList();
                Assert.That(fields, Is.SubsetOf(schema.GetProperty("properties").EnumerateObject().Select(field => field.Name)), request);
                Assert.That(RequiredOf(schema), Is.SubsetOf(fields), request);
            }
        }
    }

    [Test]
    public async Task The_document_names_the_authentication_of_each_operation()
    {
        var proofs = (await ReadAsync()).ToDictionary(
            operation => operation.Name,
            operation => string.Join(" or ", operation.Json.GetProperty("security").EnumerateArray().Select(proof => proof.EnumerateObject().Single().Name)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(proofs["POST /api/lock"], Is.EqualTo("token"));
            Assert.That(proofs["POST /api"], Is.EqualTo("key"));
            Assert.That(proofs["POST /api/publish"], Is.EqualTo("token or key"));
            Assert.That(proofs["GET /health"], Is.Empty);
        }
    }

    [Test]
    public async Task The_document_is_available_as_YAML()
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, "/docs/openapi.yaml", null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Type, Is.EqualTo("text/plain; charset=utf-8"));
            Assert.That(answer.Body, Does.StartWith("openapi: '3.1.1'\n").And.Contains("\n  /api/publish:\n"));
        }
    }

    private async Task<RunningAnswer> SendAsync(string request, string? proof, string? body, string alice, string bob)
    {
        var parts = request.Split(' ');
        (string, string)[] headers = proof switch
        {
            null => [],
            Key => [("X-API-Key", RunningBroker.Key)],
            Token => [("Authorization", $"Bearer {alice}")],
            _ => [("Authorization", $"Bearer {bob}")],
        };
        return await Broker.SendAsync(new HttpMethod(parts[0]), parts[1], body is null ? null : Encoding.UTF8.GetBytes(body), headers);
    }

    private async Task<List<(string Name, JsonElement Json)>> ReadAsync()
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, "/docs/openapi.json", null);
        Assert.That(answer.Status, Is.EqualTo(200));
        using var document = JsonDocument.Parse(answer.Body);
        return
        [
            .. from path in document.RootElement.Clone().GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value),
        ];
    }

    // The words list and search win over an agent of that name.
    private static bool IsOf(string request, string operation) =>
        request.Split('?')[0].Split('/') is var parts
        && operation.Split('/') is var pattern
        && parts.Length == pattern.Length
        && parts.Zip(pattern).All(pair => pair.First == pair.Second || (pair.Second.StartsWith('{') && pair.First is not ("list" or "search")));

    private static IEnumerable<string> RequiredOf(JsonElement schema) =>
        schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];
}
