using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>Paths that are answered on the internal port, and no longer on the public one.</summary>
[Checklist(184)]
public sealed class InternalPortTests : RunningBrokerTests
{
    private const string Info = """{"method":"info","params":{}}""";

    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Listeners = options.Listeners with { InternalPort = 0 }, Telemetry = options.Telemetry with { ShowsMetrics = true } };

    [TestCase("/metrics")]
    [TestCase("/stats")]
    public async Task Figures_are_on_the_internal_port_only(string path)
    {
        Assert.That((await SendAsync(HttpMethod.Get, Broker.InternalUrl, path)).Status, Is.EqualTo(200));
        Assert.That(await SendAsync(HttpMethod.Get, Broker.Url, path), Is.EqualTo(RunningAnswer.NotFound));
    }

    [TestCase("/api", Info)]
    [TestCase("/api/info", "{}")]
    [TestCase("/api/publish", """{"channel":"public.a","data":1}""")]
    public async Task The_key_of_the_server_API_is_right_on_the_internal_port_only(string path, string body)
    {
        Assert.That((await SendAsync(HttpMethod.Post, Broker.InternalUrl, path, body)).Status, Is.EqualTo(200));
        Assert.That((await SendAsync(HttpMethod.Post, Broker.Url, path, body)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Health_is_answered_on_both_ports()
    {
        Assert.That((await SendAsync(HttpMethod.Get, Broker.InternalUrl, "/health")).Body, Is.EqualTo(RunningAnswer.Healthy));
        Assert.That((await SendAsync(HttpMethod.Get, Broker.Url, "/health")).Body, Is.EqualTo(RunningAnswer.Healthy));
    }

    [Test]
    public async Task Clients_and_the_claw_events_API_stay_on_the_public_port()
    {
        var token = await Broker.RegisterAsync("alice");
        await Broker.ConnectAsync(token);

        Assert.That((await Broker.PostAsync("/api/publish", """{"channel":"public.a","payload":1}""", token)).Status, Is.EqualTo(200));
    }

    private async Task<RunningAnswer> SendAsync(HttpMethod method, Uri port, string path, string? body = null) => await Broker.SendAsync(
        method, new Uri(port, path).ToString(), body?.Utf8(), ("X-API-Key", RunningBroker.Key));
}

/// <summary>An internal port, and the server API on both.</summary>
public sealed class ExternalServerApiTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Listeners = options.Listeners with { InternalPort = 0 }, Api = options.Api with { IsServerApiExternal = true } };

    [Test]
    [Checklist(184)]
    public async Task The_server_API_may_be_left_open_on_both_ports() =>
        Assert.That((await Broker.PostWithKeyAsync("/api/info", "{}")).Status, Is.EqualTo(200));
}
