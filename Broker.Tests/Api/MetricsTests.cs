using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Tests.Api;

[Checklist(179)]
public sealed class MetricsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Publishing = options.Publishing with { PublishesPerSecond = 1 }, Telemetry = options.Telemetry with { ShowsMetrics = true } };

    [Test]
    public async Task Events_are_counted()
    {
        var alice = await Broker.RegisterAsync("alice");
        var listener = await Broker.ConnectAsync(alice);
        await listener.SubscribeAsync("public.a");
        await listener.AskAsync("""{"id":3,"publish":{"channel":"agent.bob.x","data":1}}""");
        await Broker.PostAsync("/api/publish", """{"channel":"public.a","payload":1}""", alice);
        await Broker.PostAsync("/api/lock", """{"channel":"agent.bob.x"}""", alice);
        await Broker.PostAsync("/api/publish", """{"channel":"public.a","payload":1}""", "wrong");
        var gone = await Broker.ConnectAsync();
        await gone.SendTextAsync("""{"id":2,"send":{"data":1}}""");
        await gone.ReadCloseAsync();
        await gone.DisposeAsync();

        var lines = await Eventually.GetAsync(ReadAsync, lines => lines.Contains("clawevents_connections{} 1") && lines.Contains("clawevents_connections_closed_total{code=\"3508\"} 1"));

        Assert.That(lines, Is.SupersetOf(new[]
        {
            "clawevents_connections_opened_total{transport=\"websocket\"} 2", "clawevents_connections_closed_total{code=\"3508\"} 1", "clawevents_users{} 1", "clawevents_channels{} 1", "clawevents_subscriptions{} 1", "clawevents_reactor_faults_total{} 0",
            "clawevents_refusals_total{code=\"403\",method=\"publish\"} 1", "clawevents_http_requests_total{status=\"401\"} 1", "clawevents_http_requests_total{status=\"403\"} 1", "clawevents_authentication_failures_total{cause=\"invalid\",door=\"api\"} 1",
            "clawevents_commands_total{method=\"publish\"} 1", "clawevents_store_up{} 1", "clawevents_bus_up{} 1", "clawevents_nodes{} 1", "clawevents_limits_hit_total{limit=\"publishes\"} 1",
            "centrifugo_node_num_clients{} 1", "centrifugo_node_num_users{} 1", "centrifugo_node_num_channels{} 1", "centrifugo_node_num_subscriptions{} 1", "centrifugo_node_num_nodes{} 1",
            "centrifugo_client_num_server_disconnects{code=\"3508\"} 1", $"centrifugo_node_build{{version=\"{BrokerVersion.Text}\"}} 1",
        }));
    }

    [Test]
    public async Task The_answer_is_in_the_text_format_of_Prometheus()
    {
        using var response = await Broker.Http.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("# TYPE clawevents_connections gauge\n").And.Contain("# TYPE clawevents_publications_total counter\n"));
    }

    private async Task<string[]> ReadAsync() => (await Broker.SendAsync(HttpMethod.Get, "/metrics", null)).Body.Split('\n');
}

/// <summary>Metrics, unless they were asked for.</summary>
public sealed class HiddenMetricsTests : RunningBrokerTests
{
    [Test]
    public async Task Metrics_are_not_shown_to_strangers() =>
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/metrics", null), Is.EqualTo(RunningAnswer.NotFound));
}

/// <summary>Other paths than the usual ones.</summary>
public sealed class OperationPathsTests : RunningBrokerTests
{
    private protected override BrokerOptions Change(BrokerOptions options) =>
        options with { Telemetry = new() { ShowsMetrics = true, MetricsPath = "/internal/figures" }, Api = options.Api with { HealthPath = "/well" } };

    [Test]
    [Checklist(176)]
    public async Task Health_and_metrics_have_the_configured_paths()
    {
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/well", null), Is.EqualTo(RunningAnswer.Json(200, RunningAnswer.Healthy)));
        Assert.That((await Broker.SendAsync(HttpMethod.Get, "/internal/figures", null)).Body, Does.Contain("clawevents_connections{} 0"));
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/health", null), Is.EqualTo(RunningAnswer.NotFound));
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/metrics", null), Is.EqualTo(RunningAnswer.NotFound));
    }
}
