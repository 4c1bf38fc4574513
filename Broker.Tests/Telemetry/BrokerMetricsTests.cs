using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Telemetry;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BrokerMetricsTests : IDisposable
{
    private readonly BrokerMetrics _metrics = new();
    private readonly PrometheusExport _export;

    public BrokerMetricsTests() => _export = new PrometheusExport(_metrics);

    public void Dispose()
    {
        _export.Dispose();
        _metrics.Dispose();
    }

    [Test]
    public void Publications_and_deliveries_are_counted_by_namespace()
    {
        _metrics.Published(TestChannel.Named("agent.alice.x"), 3);
        _metrics.Published(TestChannel.Named("agent.bob.x"), 4);
        _metrics.Published(TestChannel.Named("chat:x"), 5);
        _metrics.Published(TestChannel.Named("plain"), 6);

        Assert.That(Lines("clawevents_publications_total", "clawevents_deliveries_total"), Is.EqualTo(new[]
        {
            "clawevents_deliveries_total{namespace=\"agent\"} 7", "clawevents_deliveries_total{namespace=\"chat\"} 5", "clawevents_deliveries_total{namespace=\"none\"} 6",
            "clawevents_publications_total{namespace=\"agent\"} 2", "clawevents_publications_total{namespace=\"chat\"} 1", "clawevents_publications_total{namespace=\"none\"} 1",
        }));
    }

    [Test]
    public void The_number_of_namespaces_is_bounded_and_no_count_is_lost()
    {
        for (var number = 0; number < 5_000; number++)
        {
            _metrics.Published(TestChannel.Named($"name{number}:x"), 1);
        }

        var lines = Lines("clawevents_deliveries_total");

        Assert.That(lines, Has.Length.LessThan(1_100));
        Assert.That(lines.Sum(line => int.Parse(line[line.LastIndexOf(' ')..], System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(5_000));
    }

    [Test]
    public void Many_threads_lose_no_count()
    {
        var channels = new[] { TestChannel.Named("public.a"), TestChannel.Named("chat:x") };

        Parallel.For(0, 100_000, number => _metrics.Published(channels[number & 1], 1));

        Assert.That(Lines("clawevents_publications_total"), Has.One.EndsWith("\"public\"} 50000").And.One.EndsWith("\"chat\"} 50000"));
    }

    [Test]
    public void Counting_a_publication_allocates_nothing()
    {
        var channel = TestChannel.Named("agent.alice.x");

        Assert.That(Allocations.PerCall(() => _metrics.Published(channel, 3)), Is.Zero);
    }

    [Test]
    public void Closes_refusals_and_answers_are_counted_by_code()
    {
        _metrics.ConnectionOpened();
        _metrics.ConnectionClosed(3001);
        _metrics.ConnectionClosed(3001);
        _metrics.Refused(103);
        _metrics.Requested(404);
        _metrics.UpgradeRefused(503);

        Assert.That(Lines("clawevents_connections", "clawevents_refusals", "clawevents_http", "clawevents_upgrades"), Is.EqualTo(new[]
        {
            "clawevents_connections_closed_total{code=\"3001\"} 2", "clawevents_connections_opened_total 1", "clawevents_http_requests_total{status=\"404\"} 1",
            "clawevents_refusals_total{code=\"103\"} 1", "clawevents_upgrades_refused_total{status=\"503\"} 1",
        }));
    }

    [Test]
    public void A_gauge_has_its_value_at_the_time_of_the_scrape()
    {
        var value = 1L;
        _metrics.AddGauge("clawevents.users", "{user}", "Users.", () => value);
        _export.Write();

        value = 2;

        Assert.That(Lines("clawevents_users", "centrifugo_node_num_users"), Is.EqualTo(new[] { "clawevents_users 2", "centrifugo_node_num_users 2" }));
    }

    [Test]
    public void Metrics_of_another_broker_in_the_process_are_excluded()
    {
        using var other = new BrokerMetrics();

        other.ConnectionOpened();

        Assert.That(Lines("clawevents_connections_opened"), Is.Empty);
    }

    [Test]
    public void Metrics_of_the_runtime_are_included() =>
        Assert.That(_export.Write(), Does.Match(@"(?m)^dotnet_process_memory_working_set_bytes \d+$").And.Match(@"(?m)^dotnet_process_cpu_time_seconds_total\{cpu_mode=""user""\} [\d.]+$"));

    [Test]
    public void Every_line_is_valid_for_Prometheus_and_every_family_is_there_once()
    {
        _metrics.ConnectionClosed(3001);
        var lines = _export.Write().Split('\n');

        Assert.That(lines[^1], Is.Empty);
        Assert.That(lines[..^1], Has.All.Match("""^(# HELP [a-z_:0-9]+ .+|# TYPE [a-z_:0-9]+ (counter|gauge)|[a-z_:0-9]+(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? -?[0-9.E+-]+)$"""));
        Assert.That(lines.Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)), Is.Unique);
    }

    private string[] Lines(params string[] names) =>
        [.. _export.Write().Split('\n').Where(line => names.Any(name => line.StartsWith(name, StringComparison.Ordinal)))];
}
