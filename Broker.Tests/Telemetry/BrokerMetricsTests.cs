using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Telemetry;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BrokerMetricsTests : IDisposable
{
    private readonly BrokerMetrics _metrics = new();
    private readonly MetricsReader _reader;

    public BrokerMetricsTests() => _reader = new MetricsReader(_metrics);

    public void Dispose()
    {
        _reader.Dispose();
        _metrics.Dispose();
    }

    [Test]
    public void Publications_deliveries_and_their_bytes_are_counted_by_namespace()
    {
        _metrics.Published(TestChannel.Named("agent.alice.x"), 100, 3);
        _metrics.Published(TestChannel.Named("agent.bob.x"), 10, 4);
        _metrics.Published(TestChannel.Named("chat:x"), 1, 5);
        _metrics.Published(TestChannel.Named("plain"), 1, 6);

        Assert.That(_reader.Lines("clawevents_publications_total", "clawevents_deliveries_"), Is.EqualTo(new[]
        {
            "clawevents_deliveries_size_bytes_total{namespace=\"agent\"} 340", "clawevents_deliveries_size_bytes_total{namespace=\"chat\"} 5", "clawevents_deliveries_size_bytes_total{namespace=\"none\"} 6",
            "clawevents_deliveries_total{namespace=\"agent\"} 7", "clawevents_deliveries_total{namespace=\"chat\"} 5", "clawevents_deliveries_total{namespace=\"none\"} 6",
            "clawevents_publications_total{namespace=\"agent\"} 2", "clawevents_publications_total{namespace=\"chat\"} 1", "clawevents_publications_total{namespace=\"none\"} 1",
        }));
    }

    [Test]
    public void The_number_of_namespaces_is_bounded_and_no_count_is_lost()
    {
        for (var number = 0; number < 5_000; number++)
        {
            _metrics.Published(TestChannel.Named($"name{number}:x"), 1, 1);
        }

        var lines = _reader.Lines("clawevents_deliveries_total");

        Assert.That(lines, Has.Length.LessThan(1_100));
        Assert.That(lines.Sum(ValueOf), Is.EqualTo(5_000));
    }

    [Test]
    public void Labels_that_others_choose_are_bounded_and_no_count_is_lost()
    {
        for (var code = 0; code < 5_000; code++)
        {
            _metrics.Refused("publish", code);
        }

        var lines = _reader.Lines("clawevents_refusals_total");

        Assert.That(lines, Has.Length.LessThanOrEqualTo(101));
        Assert.That(lines.Sum(ValueOf), Is.EqualTo(5_000));
    }

    [Test]
    public void Many_threads_lose_no_count()
    {
        var channels = new[] { TestChannel.Named("public.a"), TestChannel.Named("chat:x") };

        Parallel.For(0, 100_000, number => _metrics.Published(channels[number & 1], 1, 1));

        Assert.That(_reader.Lines("clawevents_publications_total"), Has.One.EndsWith("\"public\"} 50000").And.One.EndsWith("\"chat\"} 50000"));
    }

    [Test]
    public void Counting_and_timing_allocate_nothing()
    {
        var channel = TestChannel.Named("agent.alice.x");
        var watch = new Broker.Hub.ReactorWatch(_metrics);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Allocations.PerCall(() => _metrics.Published(channel, 100, 3)), Is.Zero);
            Assert.That(Allocations.PerCall(() => _metrics.Commands.End((int)CommandKind.Publish, Math.Max(1, _metrics.Commands.Begin((int)CommandKind.Publish)))), Is.Zero);
            Assert.That(Allocations.PerCall(() => watch.OnPass(0, 1, 2, 3)), Is.Zero);
            Assert.That(Allocations.PerCall(() => _metrics.RedisAnswered(TimeSpan.FromMilliseconds(1))), Is.Zero);
            Assert.That(Allocations.PerCall(() => PublishTrace.Publish(channel)?.Dispose()), Is.Zero);
        }
    }

    [Test]
    public void Ends_refusals_and_failures_are_counted_by_their_labels()
    {
        _metrics.ConnectionOpened("websocket");
        _metrics.ConnectionClosed(1000);
        _metrics.ConnectionClosed(3001);
        _metrics.Disconnected(3001);
        _metrics.Unsubscribed(2500);
        _metrics.Refused("publish", 103);
        _metrics.Requested(404);
        _metrics.UpgradeRefused(503);
        _metrics.AuthenticationFailed("client", "expired");
        _metrics.Recovered(isComplete: true);

        Assert.That(_reader.Lines("clawevents_connections_", "clawevents_disconnects", "clawevents_unsubscribes", "clawevents_refusals", "clawevents_http", "clawevents_upgrades", "clawevents_auth", "clawevents_recoveries"), Is.EqualTo(new[]
        {
            "clawevents_authentication_failures_total{cause=\"expired\",door=\"client\"} 1",
            "clawevents_connections_closed_total{code=\"1000\"} 1", "clawevents_connections_closed_total{code=\"3001\"} 1", "clawevents_connections_opened_total{transport=\"websocket\"} 1",
            "clawevents_disconnects_total{code=\"3001\"} 1", "clawevents_http_requests_total{status=\"404\"} 1", "clawevents_recoveries_total{recovered=\"yes\"} 1",
            "clawevents_refusals_total{code=\"103\",method=\"publish\"} 1", "clawevents_unsubscribes_total{code=\"2500\"} 1", "clawevents_upgrades_refused_total{status=\"503\"} 1",
        }));
    }

    [Test]
    public void Centrifugos_names_have_its_labels_and_count_what_it_counts()
    {
        _metrics.ConnectionClosed(1000);
        _metrics.Disconnected(3001);
        _metrics.Refused("publish", 103);

        Assert.That(_reader.Lines("centrifugo_client"), Is.EqualTo(new[]
        {
            "centrifugo_client_num_reply_errors{code=\"103\",method=\"publish\"} 1", "centrifugo_client_num_server_disconnects{code=\"3001\"} 1",
        }));
        Assert.That(_reader.Read(), Does.Contain("# TYPE centrifugo_client_num_server_disconnects counter\n"));
    }

    [Test]
    public void A_gauge_has_its_value_at_the_time_of_the_scrape()
    {
        var value = 1L;
        _metrics.AddGauge("clawevents.users", "{user}", "Users.", () => value);
        _reader.Read();

        value = 2;

        Assert.That(_reader.Lines("clawevents_users", "centrifugo_node_num_users"), Is.EqualTo(new[] { "centrifugo_node_num_users{} 2", "clawevents_users{} 2" }));
    }

    [Test]
    public void Durations_are_histograms_of_seconds()
    {
        _metrics.ProxyAnswered("connect", "result", TimeSpan.FromMilliseconds(30));

        Assert.That(_reader.Lines("clawevents_proxy"), Does.Contain("clawevents_proxy_duration_seconds_sum{event=\"connect\",outcome=\"result\"} 0.03")
            .And.Contain("clawevents_proxy_duration_seconds_bucket{event=\"connect\",outcome=\"result\",le=\"0.025\"} 0")
            .And.Contain("clawevents_proxy_duration_seconds_bucket{event=\"connect\",outcome=\"result\",le=\"0.05\"} 1"));
    }

    [Test]
    public void Every_command_is_counted_under_its_name()
    {
        foreach (var kind in Enum.GetValues<CommandKind>())
        {
            _metrics.Commands.Begin((int)kind);
        }

        Assert.That(CommandMetrics.Names, Is.EqualTo(Enum.GetNames<CommandKind>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)));
        Assert.That(_reader.Lines("clawevents_commands_total"), Has.Length.EqualTo(CommandMetrics.Names.Count).And.All.EndsWith("} 1"));
    }

    [Test]
    public void Metrics_of_another_broker_in_the_process_are_excluded()
    {
        using var other = new BrokerMetrics();

        other.ConnectionOpened("sse");

        Assert.That(_reader.Lines("clawevents_connections_opened"), Is.Empty);
    }

    [Test]
    public void Metrics_of_the_runtime_are_included() =>
        Assert.That(_reader.Read(), Does.Match(@"(?m)^dotnet_process_memory_working_set_bytes\{\} \d+$").And.Match(@"(?m)^dotnet_gc_pause_time_seconds_total\{\} [\d.E-]+$"));

    private static int ValueOf(string line) => int.Parse(line[line.LastIndexOf(' ')..], System.Globalization.CultureInfo.InvariantCulture);
}
