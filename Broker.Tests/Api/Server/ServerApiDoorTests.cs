using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Server;

/// <summary>Rules for every method: key, form, statuses.</summary>
public sealed class ServerApiDoorTests : RunningBrokerTests
{
    private static readonly RunningAnswer Malformed = new(400, "text/plain", "Bad Request");
    private static readonly RunningAnswer Unauthorized = new(401, null, "");

    private static readonly string[] Methods =
    [
        "publish", "broadcast", "subscribe", "unsubscribe", "disconnect", "refresh", "presence", "presence_stats", "history", "history_remove", "channels", "info", "batch", "rpc",
    ];

    [TestCaseSource(nameof(Methods))]
    [Checklist(150)]
    public async Task A_wrong_key_is_unauthorized_at_every_method(string method)
    {
        Assert.That(await Broker.SendAsync(HttpMethod.Post, $"/api/{method}", "{}"u8.ToArray(), ("X-API-Key", "wrong")), Is.EqualTo(Unauthorized));
        Assert.That(await Broker.SendAsync(HttpMethod.Post, $"/api/{method}?api_key={RunningBroker.Key}", "{}"u8.ToArray(), ("X-API-Key", "wrong")), Is.EqualTo(Unauthorized));
        if (method is not "publish")
        {
            Assert.That(await Broker.PostAsync($"/api/{method}", "{}", await Broker.RegisterAsync("alice")), Is.EqualTo(Unauthorized));
        }
    }

    [TestCaseSource(nameof(Methods))]
    [Checklist(151)]
    public async Task Every_method_exists_and_answers_with_200(string method) =>
        Assert.That((await Broker.PostWithKeyAsync($"/api/{method}", "{}")).Status, Is.EqualTo(200));

    [TestCaseSource(nameof(Methods))]
    [Checklist(153)]
    public async Task A_body_that_is_not_an_object_is_a_bad_request_at_every_method(string method)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var body in (string[])["", "{", "[]", "nul", "5", "{}{}", "{} x", """{"\ud800":1}"""])
            {
                Assert.That(await Broker.PostWithKeyAsync($"/api/{method}", body), Is.EqualTo(Malformed), body);
            }
        }
    }

    [Test]
    [Checklist(153)]
    public async Task A_request_that_is_not_a_POST_is_a_405_that_names_POST([ValueSource(nameof(Methods))] string method, [Values("GET", "HEAD", "PUT", "DELETE")] string verb)
    {
        using var response = await SendWithKeyAsync(verb, $"/api/{method}");

        Assert.That((int)response.StatusCode, Is.EqualTo(405));
        Assert.That(response.Content.Headers.Allow, Is.EqualTo((string[])["POST"]));
    }

    [Test]
    [Checklist(153)]
    public async Task A_request_that_is_not_a_POST_is_a_405_at_the_older_form_too()
    {
        using var response = await SendWithKeyAsync("GET", "/api");

        Assert.That((int)response.StatusCode, Is.EqualTo(405));
        Assert.That(response.Content.Headers.Allow, Is.EqualTo((string[])["POST"]));
    }

    [Test]
    [Checklist(153)]
    public async Task The_method_of_HTTP_is_judged_before_the_credentials()
    {
        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/api/publish", null)).Status, Is.EqualTo(405));
        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/api/publish", null, ("Authorization", "Bearer x"))).Status, Is.EqualTo(405));
    }

    [TestCase("connections")]
    [TestCase("block_user")]
    [TestCase("nonsense")]
    [TestCase("publish/x")]
    [Checklist(153)]
    public async Task An_unknown_method_is_not_found(string method) => Assert.That(await Broker.PostWithKeyAsync($"/api/{method}", "{}"), Is.EqualTo(RunningAnswer.NotFound));

    [TestCase("publish", """{"channel":"chat:a","data":1}""", 404, """{"code":102,"message":"unknown channel"}""")]
    [TestCase("rpc", """{"method":"x"}""", 404, """{"code":104,"message":"not found"}""")]
    [TestCase("presence", """{"channel":"public.a"}""", 400, """{"code":108,"message":"not available"}""")]
    [TestCase("history", """{"channel":"public.a"}""", 400, """{"code":108,"message":"not available"}""")]
    [TestCase("broadcast", "{}", 400, """{"code":107,"message":"bad request: channels are needed"}""")]
    [Checklist(152)]
    public async Task An_error_is_a_200_unless_the_caller_asks_for_transport_errors(string method, string body, int status, string error)
    {
        var transport = await Broker.SendAsync(
            HttpMethod.Post, $"/api/{method}", body.Utf8(), ("X-API-Key", RunningBroker.Key), ("X-Centrifugo-Error-Mode", "transport"));

        Assert.That(await Broker.PostWithKeyAsync($"/api/{method}", body), Is.EqualTo(RunningAnswer.Json(200, $$"""{"error":{{error}}}""")));
        Assert.That(transport, Is.EqualTo(RunningAnswer.Json(status, error)));
    }

    [TestCase("publish", """{"error":{"code":107,"message":"bad request: channel is needed"}}""")]
    [TestCase("broadcast", """{"error":{"code":107,"message":"bad request: channels are needed"}}""")]
    [TestCase("channels", """{"result":{"channels":{}}}""")]
    [TestCase("unsubscribe", """{"result":{}}""")]
    [TestCase("batch", "{}")]
    [Checklist(153)]
    public async Task A_body_of_null_is_one_without_parameters(string method, string answer) =>
        Assert.That(await Broker.PostWithKeyAsync($"/api/{method}", "null"), Is.EqualTo(RunningAnswer.Json(200, answer)));

    [Test]
    public async Task A_procedure_is_not_found() =>
        Assert.That(await Broker.PostWithKeyAsync("/api/rpc", """{"method":"x","params":{}}"""), Is.EqualTo(RunningAnswer.Json(200, """{"error":{"code":104,"message":"not found"}}""")));

    [Test]
    public async Task Unknown_fields_are_ignored() => Assert.That(
        await Broker.PostWithKeyAsync("/api/publish", """{"channel":"public.a","data":1,"label_filter":{"x":[1]},"nonsense":null}"""), Is.EqualTo(RunningAnswer.Json(200, """{"result":{}}""")));

    private Task<HttpResponseMessage> SendWithKeyAsync(string verb, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(verb), path);
        request.Headers.Add("X-API-Key", RunningBroker.Key);
        return Broker.Http.SendAsync(request);
    }
}

public sealed class ServerApiWithoutNeedOfAKeyTests : RunningBrokerTests
{
    [TestCase("/api/info")]
    [TestCase("/api/publish")]
    public async Task An_insecure_server_API_needs_no_key(string path)
    {
        Assert.That((await Broker.PostAsync(path, """{"channel":"public.a","data":1}""")).Status, Is.EqualTo(200));
        Assert.That((await Broker.SendAsync(HttpMethod.Post, path, """{"channel":"public.a","data":1}"""u8.ToArray(), ("X-API-Key", "wrong"))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_bearer_token_still_means_the_claw_events_API() =>
        Assert.That((await Broker.PostAsync("/api/publish", """{"channel":"system.x","payload":1}""", await Broker.RegisterAsync("alice"))).Status, Is.EqualTo(403));

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { ServerApiKey = null, ServerApiInsecure = true } };
}

public sealed class ServerApiWithStatusesTests : RunningBrokerTests
{
    [Test]
    [Checklist(152)]
    public async Task A_setting_turns_errors_into_transport_errors()
    {
        Assert.That(await Broker.PostWithKeyAsync("/api/history", """{"channel":"a:b"}"""), Is.EqualTo(RunningAnswer.Json(404, """{"code":102,"message":"unknown channel"}""")));
        Assert.That(await Broker.PostWithKeyAsync("/api/publish", """{"channel":"public.a","data":1}"""), Is.EqualTo(RunningAnswer.Json(200, """{"result":{}}""")));
        Assert.That(await Broker.PostWithKeyAsync("/api", """{"method":"history","params":{"channel":"a:b"}}"""), Is.EqualTo(RunningAnswer.Json(200, """{"error":{"code":102,"message":"unknown channel"}}""")));
    }

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Api = options.Api with { ServerApiErrorsAreStatuses = true } };
}
