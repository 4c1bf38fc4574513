using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Api;

public sealed class HealthTests : RunningBrokerTests
{
    [Test]
    public async Task Health_answers_ok() =>
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/health", null), Is.EqualTo(RunningAnswer.Json(200, """{"ok":true}""")));

    [Test]
    public async Task Health_answers_head_without_a_body() =>
        Assert.That(await Broker.SendAsync(HttpMethod.Head, "/health", null), Is.EqualTo(RunningAnswer.Json(200, "")));

    [TestCase("GET", "/")]
    [TestCase("GET", "/no-such-path")]
    [TestCase("POST", "/api/no-such-method")]
    [TestCase("POST", "/health")]
    [TestCase("OPTIONS", "/health")]
    [TestCase("GET", "/api")]
    [TestCase("GET", "/api/publish")]
    [TestCase("GET", "/api/info")]
    [TestCase("GET", "/api/lock")]
    [TestCase("PUT", "/api/unlock")]
    [TestCase("DELETE", "/api/grant")]
    [TestCase("GET", "/api/revoke")]
    [TestCase("GET", "/auth/dev-register")]
    [TestCase("GET", "/proxy/subscribe")]
    [TestCase("GET", "/proxy/publish")]
    [TestCase("POST", "/connection/websocket")]
    [TestCase("GET", "/connection/websockets")]
    public async Task An_unknown_path_and_a_wrong_method_are_not_found(string method, string path) =>
        Assert.That(await Broker.SendAsync(new HttpMethod(method), path, null), Is.EqualTo(RunningAnswer.NotFound));
}
