using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>A drain on a clock that is moved by hand: ten seconds of delay, then twenty in which 1,200 clients are sent away.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DrainTests : IDisposable
{
    private const int Clients = 1_200;

    private readonly BrokerRig _rig = new(new BrokerOptions
    {
        Listeners = new() { DrainDelay = TimeSpan.FromSeconds(10), DrainTime = TimeSpan.FromSeconds(20) },
        Connections = new() { PingInterval = TimeSpan.Zero },
    });

    private readonly List<ClientLink> _links = [];

    private Drain Drain => _rig.Get<Drain>();

    private ConnectionLimits Limits => _rig.Get<ConnectionLimits>();

    public void Dispose() => _rig.Dispose();

    [Test]
    public async Task A_node_is_not_ready_first_then_closed_and_then_sends_its_clients_away_at_an_even_pace()
    {
        Connect(Clients);
        var drained = await BeginAsync();
        Assert.That((Drain.IsReady, Limits.IsClosed, Drain.Status.Phase), Is.EqualTo((false, false, DrainPhase.Leaving)));

        await PassDelayAsync();
        Assert.That(Limits.IsClosed);
        for (var second = 1; second < 20; second++)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            await SentAsync(second * Clients / 20);
        }

        Assert.That(drained.IsCompleted, Is.False);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        await SentAsync(Clients);
        await drained.WaitAsync(RunningBroker.Patience);
        Assert.That(Drain.Status.Phase, Is.EqualTo(DrainPhase.Drained));
        Assert.That(Closed(), Is.EqualTo(Clients));
    }

    [Test]
    public async Task Clients_that_connected_together_are_not_sent_away_together()
    {
        Connect(Clients);
        await BeginAsync();
        await PassDelayAsync();
        _rig.Time.Advance(TimeSpan.FromSeconds(10));
        await SentAsync(Clients / 2);

        var first = _links.Take(Clients / 2).Count(link => link.Connection.IsClosing);

        Assert.That(first, Is.EqualTo(Clients / 4).Within(Clients / 12));
    }

    [Test]
    public async Task A_few_clients_do_not_prolong_the_drain()
    {
        Connect(Drain.LeastPerSecond);
        await BeginAsync();
        await PassDelayAsync();
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        await SentAsync(Drain.LeastPerSecond);
    }

    [Test]
    public async Task A_hurried_drain_waits_for_nothing()
    {
        Connect(Clients);
        var drained = await BeginAsync();

        Drain.Hurry();

        await drained.WaitAsync(RunningBroker.Patience);
        Assert.That(Closed(), Is.EqualTo(Clients));
    }

    [Test]
    public async Task A_cancelled_drain_keeps_the_clients_that_are_left_and_accepts_new_ones()
    {
        Connect(Clients);
        var drained = await BeginAsync();
        await PassDelayAsync();
        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        await SentAsync(Clients / 4);

        Assert.That(Drain.Cancel());

        await drained.WaitAsync(RunningBroker.Patience);
        _rig.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.That((Drain.IsReady, Limits.IsClosed), Is.EqualTo((true, false)));

        // One more may have been on its way when the drain was cancelled.
        Assert.That(_links.Count(link => link.Connection.IsClosing), Is.InRange(Clients / 4, (Clients / 4) + 1));
        new ClientLink(_rig).Connected();
    }

    [Test]
    public async Task A_drain_that_ends_the_process_cannot_be_cancelled()
    {
        await BeginAsync();
        _ = Drain.Begin(endsProcess: true);

        Assert.That(Drain.Cancel(), Is.False);
        Assert.That(Drain.IsReady, Is.False);
    }

    [Test]
    public void A_client_that_connects_after_the_doors_were_closed_is_sent_away()
    {
        var late = new ClientLink(_rig);
        Limits.IsClosed = true;

        Assert.That(late.Ask("""{"id":1,"connect":{}}"""), Is.EqualTo(new[] { "close 3001 shutdown" }));
    }

    [Test]
    public void A_client_that_was_upgraded_before_a_storm_was_noticed_gets_a_temporary_error()
    {
        Limits.SetPace(perSecond: 10, retryWithin: 5);
        new ClientLink(_rig).Connected();

        Assert.That(new ClientLink(_rig).Ask("""{"id":1,"connect":{}}""").Single(), Does.Match("""^{"id":1,"error":{"code":111,"message":"more clients connect [^"]+","temporary":true}}$"""));
        _rig.Time.Advance(TimeSpan.FromMilliseconds(100));
        new ClientLink(_rig).Connected();
    }

    // It waits for its delay when this returns.
    private async Task<Task> BeginAsync()
    {
        var timers = _rig.Time.TimerCount;
        var drained = Drain.Begin();
        await Eventually.IsTrueAsync(() => _rig.Time.TimerCount > timers, "the drain does not wait");
        return drained;
    }

    private async Task PassDelayAsync()
    {
        _rig.Time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.IsTrueAsync(() => Drain.Status.Phase is DrainPhase.Draining, "the delay is never over");
    }

    // A wait may begin just after the clock has moved, and then is not over by itself: so the clock goes on by a little, and so does the drain.
    private async Task SentAsync(int count)
    {
        await Eventually.IsTrueAsync(
            () =>
            {
                _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
                return Drain.Status.Sent >= count;
            },
            $"{count} are never sent away");
        Assert.That(Drain.Status.Sent, Is.InRange(count, count + (Clients / 20)));
    }

    private void Connect(int count) => _links.AddRange(Enumerable.Range(0, count).Select(_ => new ClientLink(_rig).Connected()));

    private int Closed() => _links.Count(link => link.Received() is ["close 3001 shutdown"]);
}
