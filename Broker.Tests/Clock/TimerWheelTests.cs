using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Clock;

internal sealed class TimerWheelTests : IDisposable
{
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    private readonly ManualTimeProvider _time = new();
    private readonly TimerWheel _wheel;

    public TimerWheelTests() => _wheel = new TimerWheel(_time);

    public void Dispose() => _wheel.Dispose();

    // The ring has 128 slots of half a second: 64 s is one round.
    [TestCase(0.5, 0.5)]
    [TestCase(0.6, 1)]
    [TestCase(1, 1)]
    [TestCase(25, 25)]
    [TestCase(63.5, 63.5)]
    [TestCase(64, 64)]
    [TestCase(64.5, 64.5)]
    [TestCase(128, 128)]
    [TestCase(200.1, 200.5)]
    public void A_node_fires_once_after_its_delay_and_never_early(double delay, double due)
    {
        var node = new CountingNode();
        _wheel.Schedule(node, TimeSpan.FromSeconds(delay));

        _time.Advance(TimeSpan.FromSeconds(due) - Instant);
        var before = node.Fired;
        _time.Advance(Instant);
        var then = node.Fired;
        _time.Advance(TimeSpan.FromSeconds(500));

        Assert.That((before, then, node.Fired), Is.EqualTo((0, 1, 1)));
    }

    [TestCase(0.3, 1)]
    [TestCase(0.2, 1)]
    [TestCase(0.499, 10)]
    public void A_delay_that_starts_between_ticks_is_not_cut_short(double start, double delay)
    {
        var node = new CountingNode();
        _time.Advance(TimeSpan.FromSeconds(start));
        _wheel.Schedule(node, TimeSpan.FromSeconds(delay));

        _time.Advance(TimeSpan.FromSeconds(delay) - Instant);
        var early = node.Fired;
        _time.Advance(TimerWheel.Tick);

        Assert.That((early, node.Fired), Is.EqualTo((0, 1)), "after its delay, and at most one tick later");
    }

    [TestCase(0)]
    [TestCase(-5)]
    public void A_delay_of_zero_ends_with_the_next_tick(double delay)
    {
        var node = new CountingNode();
        _time.Advance(TimeSpan.FromSeconds(10.1));

        _wheel.Schedule(node, TimeSpan.FromSeconds(delay));
        var atOnce = node.Fired;
        _time.Advance(TimerWheel.Tick);

        Assert.That((atOnce, node.Fired), Is.EqualTo((0, 1)));
    }

    [Test]
    public void A_cancelled_node_never_fires()
    {
        var node = new CountingNode();
        _wheel.Schedule(node, TimeSpan.FromSeconds(1));

        _wheel.Cancel(node);
        _wheel.Cancel(node);
        _wheel.Cancel(new CountingNode());
        _time.Advance(TimeSpan.FromSeconds(200));

        Assert.That(node.Fired, Is.Zero);
        Assert.That(_wheel.Snapshot(), Is.Empty);
    }

    [TestCase(1, 3)]
    [TestCase(3, 1)]
    [TestCase(1, 65)]
    [TestCase(64, 128)]
    public void A_rescheduled_node_does_not_fire_at_its_earlier_time(double first, double second)
    {
        var node = new CountingNode();
        _wheel.Schedule(node, TimeSpan.FromSeconds(first));

        _wheel.Schedule(node, TimeSpan.FromSeconds(second));
        _time.Advance(TimeSpan.FromSeconds(second) - Instant);
        var before = node.Fired;
        _time.Advance(Instant);
        var then = node.Fired;
        _time.Advance(TimeSpan.FromSeconds(300));

        Assert.That((before, then, node.Fired), Is.EqualTo((0, 1, 1)));
    }

    [Test]
    public void A_node_may_schedule_itself_again_when_it_is_due()
    {
        var node = new CountingNode();
        node.Act = () => _wheel.Schedule(node, TimeSpan.FromSeconds(2));
        _wheel.Schedule(node, TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(100));

        Assert.That(node.Fired, Is.EqualTo(50));
    }

    [TestCase(10)]
    [TestCase(63)]
    [TestCase(64)]
    [TestCase(1_000)]
    public void After_a_long_sleep_all_due_nodes_fire_once_and_no_others(int sleep)
    {
        var nodes = Enumerable.Range(1, 1_200).ToDictionary(seconds => seconds, _ => new CountingNode());
        foreach (var (seconds, node) in nodes)
        {
            _wheel.Schedule(node, TimeSpan.FromSeconds(seconds));
        }

        _time.Sleep(TimeSpan.FromSeconds(sleep));
        var fired = nodes.Where(entry => entry.Value.Fired == 1).Select(entry => entry.Key).ToArray();
        _time.Advance(TimeSpan.FromSeconds(1_200));

        Assert.That(fired, Is.EqualTo(Enumerable.Range(1, sleep)));
        Assert.That(nodes.Values.Select(node => node.Fired), Is.All.EqualTo(1));
    }

    [Test]
    public void Nodes_in_any_order_agree_with_a_simple_model([Range(1, 5)] int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, 100).Select(_ => new CountingNode()).ToArray();
        var due = new Dictionary<CountingNode, TimeSpan>();
        var fired = nodes.ToDictionary(node => node, _ => 0);
        var now = TimeSpan.Zero;

        for (var step = 0; step < 2_000; step++)
        {
            var node = nodes[random.Next(nodes.Length)];
            switch (random.Next(4))
            {
                case 0:
                    _wheel.Cancel(node);
                    due.Remove(node);
                    break;
                case 1:
                    // A whole tick: in the model, time stands still but for that.
                    now += TimerWheel.Tick;
                    _time.Advance(TimerWheel.Tick);
                    foreach (var (over, _) in due.Where(entry => entry.Value <= now).ToArray())
                    {
                        due.Remove(over);
                        fired[over]++;
                    }

                    break;
                default:
                    var delay = TimerWheel.Tick * random.Next(1, 300);
                    _wheel.Schedule(node, delay);
                    due[node] = now + delay;
                    break;
            }

            Assert.That(nodes.All(each => each.Fired == fired[each]), Is.True, $"step {step}");
        }

        Assert.That(_wheel.Snapshot(), Is.EquivalentTo(due.Keys));
    }

    [Test]
    public void Waiting_allocates_no_memory()
    {
        var node = new CountingNode();

        var perCall = Allocations.PerCall(() => _wheel.Schedule(node, TimeSpan.FromSeconds(30)));

        Assert.That(perCall, Is.Zero);
    }

    [Test]
    public void A_disposed_wheel_stops()
    {
        var node = new CountingNode();
        _wheel.Schedule(node, TimeSpan.FromSeconds(1));

        _wheel.Dispose();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(node.Fired, Is.Zero);
    }

    private sealed class CountingNode : TimerNode
    {
        public int Fired { get; private set; }

        public Action? Act { get; set; }

        public override void OnDue()
        {
            Fired++;
            Act?.Invoke();
        }
    }
}
