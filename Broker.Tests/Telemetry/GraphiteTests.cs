using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Telemetry.Graphite;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace ClawEvents.Broker.Tests.Telemetry;

/// <summary>Metrics that are sent to Graphite over TCP.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GraphiteTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly BrokerMetrics _metrics = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CountedClock _clock;
    private readonly TcpListener _graphite = new(IPAddress.Loopback, 0);
    private readonly ListLogger<GraphiteReports> _log = new();
    private TelemetryExport? _export;
    private GraphiteReports? _reports;

    public GraphiteTests()
    {
        _clock = new(_time);
        _graphite.Start();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    public void Dispose()
    {
        _reports?.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        _reports?.Dispose();
        _export?.Dispose();
        _graphite.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    [Test]
    public async Task A_report_has_a_line_for_each_series_with_its_labels_in_the_path()
    {
        await StartAsync(hasTags: false);
        _metrics.ConnectionOpened("websocket");
        _metrics.ConnectionOpened("websocket");

        var lines = await ReportAsync();

        Assert.That(lines, Does.Contain($"claw.one.clawevents.connections.opened_total.transport.websocket 2 {Now}"));
        Assert.That(lines, Does.Contain($"claw.one.centrifugo.client.connections_accepted.transport.websocket 2 {Now}"), "as a Centrifugo names it");
        Assert.That(lines, Has.All.Match(@"^claw\.one(\.[-A-Za-z0-9_:]+)+ -?[0-9.E+]+ [0-9]+$"));
    }

    [Test]
    public async Task Labels_may_be_tags()
    {
        await StartAsync(hasTags: true);
        _metrics.Disconnected(3008);

        Assert.That(await ReportAsync(), Does.Contain($"claw.one.centrifugo.client.num_server_disconnects;code=3008 1 {Now}"));
    }

    [Test]
    public async Task A_counter_tells_what_was_added_since_the_report_before()
    {
        await StartAsync(hasTags: false);
        _metrics.Disconnected(3008);
        await ReportAsync();
        _metrics.Disconnected(3008);
        _metrics.Disconnected(3008);

        Assert.That(await ReportAsync(), Does.Contain($"claw.one.centrifugo.client.num_server_disconnects.code.3008 2 {Now}"));
    }

    [Test]
    public async Task A_histogram_is_its_sum_and_its_count()
    {
        await StartAsync(hasTags: false);
        _metrics.Commands.End(1, _metrics.Commands.Begin(1));

        var lines = await ReportAsync();

        Assert.That(lines.Any(line => line.StartsWith("claw.one.clawevents.command.duration_seconds.count.", StringComparison.Ordinal)), Is.True, string.Join('\n', lines));
        Assert.That(lines.Any(line => line.StartsWith("claw.one.clawevents.command.duration_seconds.sum.", StringComparison.Ordinal)), Is.True);
    }

    [Test]
    public async Task A_Graphite_that_is_away_costs_one_line_and_gets_the_reports_when_it_is_back()
    {
        var port = ((IPEndPoint)_graphite.LocalEndpoint).Port;
        _graphite.Stop();
        await StartAsync(hasTags: false, port);
        for (var reports = 1; reports <= 3; reports++)
        {
            // The third has begun: the first two are over.
            await AdvanceAsync();
            await Eventually.IsTrueAsync(() => _clock.Reads == reports);
        }

        using var back = new TcpListener(IPAddress.Loopback, port);
        back.Start();
        await AdvanceAsync();
        using var socket = await back.AcceptSocketAsync().WaitAsync(RunningBroker.Patience);
        await Eventually.IsTrueAsync(() => _log.Lines.Any(line => line.StartsWith("Information", StringComparison.Ordinal)));

        Assert.That(_log.Lines, Has.Count.EqualTo(2));
        Assert.That(_log.Lines[0], Does.StartWith($"Warning: Graphite at 127.0.0.1:{port} does not take the metrics: "));
        Assert.That(_log.Lines[1], Is.EqualTo($"Information: Graphite at 127.0.0.1:{port} takes the metrics again."));
    }

    [TestCase("one.example.com", "one_example_com")]
    [TestCase("größe 1", "gr__e_1")]
    public void A_name_is_one_part_of_a_path(string name, string part) => Assert.That(GraphiteLines.Part(name), Is.EqualTo(part));

    private async Task StartAsync(bool hasTags, int? port = null)
    {
        var options = new GraphiteOptions("127.0.0.1") { Port = port ?? ((IPEndPoint)_graphite.LocalEndpoint).Port, Prefix = "claw.one", Interval = Interval, HasTags = hasTags };
        _export = new TelemetryExport(new TelemetryOptions { Graphite = options }, _metrics, _services.GetRequiredService<IMeterFactory>());
        _reports = new GraphiteReports(options, _export.Graphite!, _clock, _log);
        await _reports.StartAsync(CancellationToken.None);
    }

    private async Task<string[]> ReportAsync()
    {
        await AdvanceAsync();
        using var socket = await _graphite.AcceptSocketAsync().WaitAsync(RunningBroker.Patience);
        using var reader = new StreamReader(new NetworkStream(socket));
        var text = await reader.ReadToEndAsync().WaitAsync(RunningBroker.Patience);
        Assert.That(text, Does.EndWith("\n"));
        return text.TrimEnd('\n').Split('\n');
    }

    // The service waits for its timer again when the report before is done.
    private async Task AdvanceAsync()
    {
        await Eventually.IsTrueAsync(() => _time.TimerCount == 1);
        _time.Advance(Interval);
    }

    /// <summary>A clock that counts how often it is asked for the date, which each report does once.</summary>
    private sealed class CountedClock(ManualTimeProvider time) : TimeProvider
    {
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Increment(ref _reads);
            return time.GetUtcNow();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
