using System.Collections.Concurrent;
using System.Text;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>A broker sends metrics and traces to the collector that the variables of OpenTelemetry name.</summary>
internal sealed class TelemetryExportTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Test]
    public async Task Metrics_and_traces_reach_a_collector_with_the_name_of_the_service()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TemporaryFolder();
        await using var broker = BrokerProgram.Start(
            folder.Path,
            [],
            ("CLAW_DEV_MODE", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Origin.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_SERVICE_NAME", "the-name-of-the-service"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"), ("OTEL_BSP_SCHEDULE_DELAY", "100"));
        using var http = new HttpClient { BaseAddress = await broker.ReadUrlAsync() };
        await PublishAsync(http);

        await collector.WhenSentAsync("/v1/metrics", "clawevents.publications", "dotnet.gc.pause.time", "http.server.request.duration", "the-name-of-the-service");
        await collector.WhenSentAsync("/v1/traces", "publish", "permission", "engine", "public.traced", "the-name-of-the-service");
        await collector.WhenSentAsync("/v1/traces", Encoding.Latin1.GetString(Convert.FromHexString(TraceId)));
    }

    [Test]
    public async Task A_collector_that_is_away_delays_neither_publishes_nor_the_stop()
    {
        using var folder = new TemporaryFolder();
        await using var broker = BrokerProgram.Start(
            folder.Path, [], ("CLAW_DEV_MODE", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{RunningRedis.FreePort()}"), ("OTEL_TRACES_SAMPLER", "always_on"));
        using var http = new HttpClient { BaseAddress = await broker.ReadUrlAsync() };
        await PublishAsync(http);

        await broker.TerminateAsync();

        Assert.That(await broker.WaitForExitAsync(TimeSpan.FromSeconds(20)), Is.Zero);
        Assert.That(await broker.ReadErrorsAsync(), Is.Empty);
    }

    // Nobody chooses between traced and not: the caller has.
    private static async Task PublishAsync(HttpClient http)
    {
        using var registration = await http.PostAsync(new Uri("/auth/dev-register", UriKind.Relative), new StringContent("""{"username":"alice"}""", Encoding.UTF8, "application/json"));
        using var json = System.Text.Json.JsonDocument.Parse(await registration.Content.ReadAsStringAsync());
        using var publish = new HttpRequestMessage(HttpMethod.Post, "/api/publish") { Content = new StringContent("""{"channel":"public.traced","payload":1}""", Encoding.UTF8, "application/json") };
        publish.Headers.Add("Authorization", $"Bearer {json.RootElement.GetProperty("token").GetString()}");
        publish.Headers.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
        using var response = await http.SendAsync(publish);
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
    }

    /// <summary>Takes what is sent over OTLP, as bytes in which the texts can be found.</summary>
    private sealed class Collector : RunningFarServer
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _sent = new();

        public static async Task<Collector> StartAsync()
        {
            var collector = new Collector();
            await collector.StartApplicationAsync();
            return collector;
        }

        public async Task WhenSentAsync(string path, params string[] texts)
        {
            foreach (var text in texts)
            {
                await Eventually.IsTrueAsync(() => _sent.Any(sent => sent.Path == path && sent.Body.Contains(text, StringComparison.Ordinal)), $"{text} is sent to {path}");
            }
        }

        protected override async Task AnswerAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _sent.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        }
    }
}
