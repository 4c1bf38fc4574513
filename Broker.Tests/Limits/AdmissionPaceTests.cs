using ClawEvents.Broker.Limits;

namespace ClawEvents.Broker.Tests.Limits;

/// <summary>Ten measurements a second, and a simulated node that serves 1,000 connects a second.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AdmissionPaceTests
{
    private const int Capacity = 1_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(150);

    private readonly AdmissionPace _pace = new();
    private AdmissionCounts _counts;
    private TimeSpan _now;

    [Test]
    public void Nobody_is_refused_while_turns_are_short_however_many_come()
    {
        Pass(100, Limit, accepted: 50_000);

        Assert.That(_pace.PerSecond, Is.Zero);
    }

    [Test]
    public void One_short_turn_in_each_second_is_enough_to_go_on()
    {
        for (var second = 0; second < 20; second++)
        {
            Pass(9, TimeSpan.FromSeconds(2), accepted: 500);
            Pass(1, TimeSpan.Zero, accepted: 500);
        }

        Assert.That(_pace.PerSecond, Is.Zero);
    }

    [Test]
    public void A_second_of_long_turns_sets_a_rate_below_what_was_accepted_in_it()
    {
        Pass(10, Long, accepted: 200);

        Assert.That(_pace.PerSecond, Is.EqualTo(1_400).Within(1));
    }

    [Test]
    public void The_rate_never_falls_below_its_floor()
    {
        Pass(1_000, Long, accepted: 1);

        Assert.That(_pace.PerSecond, Is.EqualTo(AdmissionPace.LeastPerSecond));
    }

    [Test]
    public void The_rate_goes_when_nobody_was_refused_for_three_seconds()
    {
        Pass(10, Long, accepted: 200);
        Pass(20, TimeSpan.Zero, accepted: 10);
        var before = _pace.PerSecond;
        Pass(10, TimeSpan.Zero, accepted: 10);

        Assert.That(before, Is.GreaterThan(AdmissionPace.LeastPerSecond));
        Assert.That(_pace.PerSecond, Is.Zero);
    }

    [Test]
    public void The_rate_goes_when_the_setting_is_switched_off()
    {
        Pass(10, Long, accepted: 200);
        Pass(10, Long, accepted: 200, limit: TimeSpan.Zero);

        Assert.That(_pace.PerSecond, Is.Zero);
    }

    [Test]
    public void Refused_clients_are_told_to_come_back_over_the_time_that_serving_them_takes()
    {
        Pass(10, Long, accepted: 100);
        Pass(10, TimeSpan.Zero, accepted: 70, refused: 1_000);

        Assert.That(_pace.RetryWithin, Is.EqualTo(2 + (10_000 / (int)_pace.PerSecond)));
        Pass(10, TimeSpan.Zero, accepted: 70, refused: 1_000_000);
        Assert.That(_pace.RetryWithin, Is.EqualTo(30));
    }

    // A closed loop: what comes beyond the capacity waits, and makes turns long.
    [Test]
    public void A_storm_is_served_near_the_capacity_and_its_queue_stays_short()
    {
        var (queue, served, longest) = (0.0, 0.0, 0.0);
        for (var tick = 0; tick < 1_200; tick++)
        {
            var coming = 4_000 * Tick.TotalSeconds;
            var accepted = _pace.PerSecond == 0 ? coming : Math.Min(coming, _pace.PerSecond * Tick.TotalSeconds);
            queue += accepted;
            var done = Math.Min(queue, Capacity * Tick.TotalSeconds);
            queue -= done;
            var delay = TimeSpan.FromSeconds(queue / Capacity);
            if (tick >= 300)
            {
                served += done;
                longest = Math.Max(longest, delay.TotalSeconds);
            }

            Pass(1, delay, (int)accepted, (int)(coming - accepted));
        }

        Assert.That(served / 90, Is.GreaterThan(0.7 * Capacity));
        Assert.That(longest, Is.LessThan(1.5));
    }

    private void Pass(int ticks, TimeSpan delay, int accepted, int refused = 0, TimeSpan? limit = null)
    {
        for (var i = 0; i < ticks; i++)
        {
            _now += Tick;
            _counts = new(_counts.Accepted + accepted, _counts.Refused + refused);
            _pace.Measure(_now, delay, limit ?? Limit, _counts);
        }
    }
}
