using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Connections;

[Checklist(16)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectionLimitsTests
{
    private static readonly AddressKey Stranger = AddressKey.Of(IPAddress.Parse("203.0.113.7"));

    private readonly ManualTimeProvider _time = new();
    private readonly LimitHits _hits = new();

    [Test]
    public void Without_limits_every_connection_is_accepted()
    {
        var limits = Limits(most: 0, perSecond: 0);

        Assert.That(Enter(limits, 10_000), Is.EqualTo(10_000));
    }

    [Test]
    public void A_place_is_free_again_when_its_connection_has_gone()
    {
        var limits = Limits(most: 2, perSecond: 0);

        Assert.That(Enter(limits, 3), Is.EqualTo(2));
        limits.Leave(Stranger);
        Assert.That(Enter(limits, 2), Is.EqualTo(1));
    }

    [Test]
    public void A_burst_of_one_second_is_accepted_and_then_one_for_each_part_of_a_second()
    {
        var limits = Limits(most: 0, perSecond: 4);

        Assert.That(Enter(limits, 5), Is.EqualTo(4));
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.That(Enter(limits, 1), Is.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.That(Enter(limits, 2), Is.EqualTo(1));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(Enter(limits, 100), Is.EqualTo(4));
    }

    [Test]
    public void A_connection_over_the_limit_does_not_count_towards_the_rate()
    {
        var limits = Limits(most: 1, perSecond: 2);
        Enter(limits, 5);

        limits.Leave(Stranger);

        Assert.That(Enter(limits, 1), Is.EqualTo(1));
    }

    [Test]
    public void Concurrent_connections_never_get_more_places_than_there_are()
    {
        var limits = Limits(most: 100, perSecond: 0);
        var open = 0;
        var tooMany = 0;

        Parallel.For(0, 100_000, _ =>
        {
            if (limits.Enter(Stranger) is null)
            {
                Interlocked.Add(ref tooMany, Interlocked.Increment(ref open) > 100 ? 1 : 0);
                Interlocked.Decrement(ref open);
                limits.Leave(Stranger);
            }
        });

        Assert.That(tooMany, Is.Zero);
        Assert.That(Enter(limits, 200), Is.EqualTo(100));
    }

    [Test]
    public void An_address_that_has_its_share_leaves_the_node_to_others()
    {
        var limits = new ConnectionLimits(
            new ConnectionOptions { MaxConnections = 10 }, new AddressLimits(new AddressRules { MaxConnections = 3, Connections = BucketRule.Unlimited }, _time, _hits), _time, _hits);

        var ofStranger = Enter(limits, 20);
        var refusal = limits.Enter(Stranger);
        var ofOther = limits.Enter(AddressKey.Of(IPAddress.Parse("203.0.113.8")));
        limits.Leave(Stranger);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ofStranger, Is.EqualTo(3));
            Assert.That(refusal?.Status, Is.EqualTo(429));
            Assert.That(ofOther, Is.Null);
            Assert.That((_hits.Of(Limit.ConnectionsOfAddress), _hits.Of(Limit.Connections)), Is.EqualTo((18, 0)));
            Assert.That(limits.Enter(Stranger), Is.Null);
        }
    }

    [Test]
    public void Clients_on_the_same_machine_share_no_limit_of_their_address()
    {
        var limits = new ConnectionLimits(new ConnectionOptions(), new AddressLimits(new AddressRules { MaxConnections = 1, Connections = new(1, 1) }, _time, _hits), _time, _hits);

        Assert.That(Enumerable.Range(0, 50).All(_ => limits.Enter(AddressKey.Of(IPAddress.Loopback)) is null), Is.True);
    }

    [Test]
    public void A_storm_is_accepted_at_its_pace_and_the_others_are_told_to_come_back_at_different_moments()
    {
        var limits = Limits(most: 0, perSecond: 0);
        limits.SetPace(perSecond: 100, retryWithin: 20);

        var accepted = Enter(limits, 50);
        var refusals = Enumerable.Range(0, 200).Select(_ => limits.Enter(Stranger)).ToList();
        _time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.That(accepted, Is.EqualTo(10));
        Assert.That(refusals.Select(refusal => refusal?.Status), Is.All.EqualTo(503));
        Assert.That(refusals.Select(refusal => refusal!.Value.RetryAfter).Distinct().ToList(), Has.Count.GreaterThan(10).And.All.InRange(1, 20));
        Assert.That(Enter(limits, 50), Is.EqualTo(5));
        Assert.That(limits.Counts, Is.EqualTo(new AdmissionCounts(Accepted: 15, Refused: 40 + 200 + 45)));
        limits.SetPace(perSecond: 0, retryWithin: 5);
        Assert.That(Enter(limits, 10_000), Is.EqualTo(10_000));
    }

    [Test]
    public void A_drained_node_accepts_nobody_until_it_serves_again()
    {
        var limits = Limits(most: 0, perSecond: 0);
        limits.IsClosed = true;

        var refusal = limits.Enter(Stranger);
        limits.IsClosed = false;

        Assert.That(refusal?.Status, Is.EqualTo(503));
        Assert.That(refusal?.RetryAfter, Is.InRange(1, 5));
        Assert.That(limits.Enter(Stranger), Is.Null);
    }

    [Test]
    public void A_refusal_allocates_nothing()
    {
        var limits = Limits(most: 0, perSecond: 0);
        limits.SetPace(perSecond: 1, retryWithin: 20);
        Enter(limits, 100);

        Assert.That(
            Allocations.PerCall(() =>
            {
                var refusal = limits.Enter(Stranger)!.Value;
                UpgradeConversation.Refused(new UpgradeAnswer(refusal.Status, refusal.Text) { RetryAfter = refusal.RetryAfter });
            }),
            Is.Zero);
    }

    private static int Enter(ConnectionLimits limits, int times) => Enumerable.Range(0, times).Count(_ => limits.Enter(Stranger) is null);

    private ConnectionLimits Limits(int most, int perSecond) =>
        new(new ConnectionOptions { MaxConnections = most, ConnectionsPerSecond = perSecond }, new AddressLimits(new AddressRules { MaxConnections = 0, Connections = BucketRule.Unlimited }, _time, _hits), _time, _hits);
}
