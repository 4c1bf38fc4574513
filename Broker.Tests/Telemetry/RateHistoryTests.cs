using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Telemetry;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RateHistoryTests : IDisposable
{
    private readonly BrokerMetrics _metrics = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RateHistory _history;

    public RateHistoryTests()
    {
        _metrics.Published(TestChannel.Named("public.before"), 1, 1);
        _history = new(_metrics, _time);
        _time.Advance(RateHistory.Step);
    }

    public void Dispose()
    {
        _history.Dispose();
        _metrics.Dispose();
    }

    [Test]
    public void A_point_has_what_its_step_added()
    {
        _metrics.Published(TestChannel.Named("public.a"), 100, 3);
        _metrics.Published(TestChannel.Named("chat:a"), 10, 2);
        _metrics.ConnectionOpened("websocket");
        _metrics.ConnectionOpened("sse");
        _metrics.ConnectionClosed(1000);
        _metrics.Commands.Begin(1);
        _time.Advance(RateHistory.Step);
        _metrics.Published(TestChannel.Named("public.a"), 7, 1);
        _time.Advance(RateHistory.Step);

        var points = _history.Read(out var newest);

        Assert.That(points.Select(point => point.Totals), Is.EqualTo(new long[][] { [1, 1, 1, 0, 0, 0], [2, 5, 320, 1, 2, 1], [1, 1, 7, 0, 0, 0] }));
        Assert.That(newest, Is.EqualTo(_time.GetUtcNow()));
    }

    [Test]
    public void An_hour_is_kept()
    {
        for (var i = 0; i < RateHistory.Capacity + 10; i++)
        {
            _metrics.Published(TestChannel.Named("public.a"), i, 1);
            _time.Advance(RateHistory.Step);
        }

        var points = _history.Read(out _);

        Assert.That(points, Has.Count.EqualTo(RateHistory.Capacity));
        Assert.That(points[^1].Totals[2], Is.EqualTo(RateHistory.Capacity + 9));
    }

    [Test]
    public void The_connections_are_those_at_the_end_of_the_step()
    {
        var open = 0L;
        _metrics.AddGauge("clawevents.connections", "{connection}", "", () => open);
        open = 5;
        _time.Advance(RateHistory.Step);
        open = 3;
        _time.Advance(RateHistory.Step);

        Assert.That(_history.Read(out _).Select(point => point.Connections), Is.EqualTo(new[] { 0, 5, 3 }));
    }

    [Test]
    public void The_latency_is_that_of_the_step()
    {
        var latency = _metrics.AddHistogram("clawevents.delivery.latency", "");
        for (var i = 0; i < 98; i++)
        {
            latency.Record(0.001);
        }

        latency.Record(0.5);
        latency.Record(0.5);
        _time.Advance(RateHistory.Step);
        _time.Advance(RateHistory.Step);

        var points = _history.Read(out _);

        Assert.That(points[1].Median, Is.EqualTo(0.001).Within(25).Percent);
        Assert.That(points[1].Worst, Is.EqualTo(0.5).Within(25).Percent);
        Assert.That((points[2].Median, points[2].Worst), Is.EqualTo((double.NaN, double.NaN)));
    }
}
