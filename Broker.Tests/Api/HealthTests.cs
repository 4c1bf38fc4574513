using ClawEvents.Broker.Tests.State.Embedded;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

public sealed class HealthTests : RunningBrokerTests
{
    [Test]
    public async Task Health_answers_ok() =>
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/health", null), Is.EqualTo(RunningAnswer.Json(200, RunningAnswer.Healthy)));

    [TestCase("GET", "/nothing")]
    [TestCase("GET", "/no-such-path")]
    [TestCase("POST", "/api/no-such-method")]
    [TestCase("POST", "/health")]
    [TestCase("OPTIONS", "/health")]
    [TestCase("GET", "/api/lock")]
    [TestCase("PUT", "/api/unlock")]
    [TestCase("DELETE", "/api/grant")]
    [TestCase("GET", "/api/revoke")]
    [TestCase("GET", "/auth/dev-register")]
    [TestCase("GET", "/proxy/subscribe")]
    [TestCase("GET", "/proxy/publish")]
    [TestCase("GET", "/connection/websockets")]
    public async Task An_unknown_path_and_a_wrong_method_are_not_found(string method, string path) =>
        Assert.That(await Broker.SendAsync(new HttpMethod(method), path, null), Is.EqualTo(RunningAnswer.NotFound));
}

/// <summary>A broker with a failing disk.</summary>
public sealed class SickStoreTests
{
    [Test]
    public async Task Health_reports_the_result_of_the_last_change()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await RunningBroker.StartAsync(options => options with { State = options.State with { DataFolder = folder.Path } });
        var token = await broker.RegisterAsync("alice");

        StateFileTests.Run(folder.StateFile, "ALTER TABLE locks RENAME TO elsewhere");
        var refused = await broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", token);
        var sick = await broker.SendAsync(HttpMethod.Get, "/health", null);
        StateFileTests.Run(folder.StateFile, "ALTER TABLE elsewhere RENAME TO locks");
        var locked = await broker.PostAsync("/api/lock", """{"channel":"agent.alice.x"}""", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Is.EqualTo(RunningAnswer.Error(503, "store unavailable, try again later")));
            Assert.That(sick, Is.EqualTo(RunningAnswer.Json(503, """{"ok":false,"store":{"type":"sqlite","ok":false},"bus":{"ok":true}}""")));
            Assert.That(locked.Status, Is.EqualTo(200));
            Assert.That(await broker.SendAsync(HttpMethod.Get, "/health", null), Is.EqualTo(RunningAnswer.Json(200, RunningAnswer.Healthy)));
        }
    }
}
