using System.Runtime.CompilerServices;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Pings, pongs and the expiry of a connection.</summary>
internal sealed class ConnectionTimeTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);

    [Test]
    [Checklist(51)]
    public void Pings_come_at_the_interval_and_the_first_after_half_to_a_whole_interval()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();

        var pings = Enumerable.Range(0, 5).Select(_ => SecondsUntilPing(rig, link)).ToArray();

        Assert.That(pings[0], Is.InRange(12.5, 25.5));
        Assert.That(pings[1..], Is.All.InRange(25, 25.5));
    }

    [Test]
    public void Clients_that_connect_together_are_not_all_pinged_together()
    {
        using var rig = new BrokerRig();
        var links = Enumerable.Range(0, 50).Select(_ => new ClientLink(rig).Connected()).ToArray();

        rig.Time.Advance(TimeSpan.FromSeconds(18.5));
        var pinged = links.Count(link => link.Received().Length > 0);

        // All or none of 50 by chance: once in 10^15 runs.
        Assert.That(pinged, Is.InRange(1, 49));
    }

    [Test]
    public void Pings_come_also_while_the_client_sends_commands()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        var heard = new List<string>();

        for (var second = 0; second < 26; second++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            heard.AddRange(link.Ask("{\"id\":9,\"unsubscribe\":{\"channel\":\"public.a\"}}"));
        }

        Assert.That(heard.Count(frame => frame == "{}"), Is.EqualTo(1));
    }

    [Test]
    [Checklist(54)]
    public void A_ping_that_is_not_answered_in_time_ends_the_connection()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        SecondsUntilPing(rig, link, answer: false);

        rig.Time.Advance(TimeSpan.FromSeconds(8) - Tick);
        var before = link.Received();
        rig.Time.Advance(2 * Tick);

        Assert.That(before, Is.Empty);
        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3012 no pong" }));
    }

    [Test]
    public void A_pong_just_in_time_is_accepted()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        SecondsUntilPing(rig, link, answer: false);

        rig.Time.Advance(TimeSpan.FromSeconds(7.5));
        link.Send("{}");
        rig.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(link.Received(), Is.Empty);
    }

    [Test]
    [Checklist(53)]
    public void An_unsolicited_pong_is_a_bad_request()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();

        Assert.That(link.Ask("{}"), Is.EqualTo(new[] { "close 3501 bad request" }));
    }

    [Test]
    public void A_second_pong_for_one_ping_is_a_bad_request()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        SecondsUntilPing(rig, link);

        Assert.That(link.Ask("{}"), Is.EqualTo(new[] { "close 3501 bad request" }));
    }

    [Test]
    public void Without_an_interval_there_are_no_pings_and_no_disconnects_for_missing_pongs()
    {
        using var rig = new BrokerRig(new BrokerOptions { Connections = new() { PingInterval = TimeSpan.Zero } });
        var link = new ClientLink(rig);
        link.Send("{\"id\":1,\"connect\":{}}");
        var reply = link.Received().Single();

        rig.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.That(reply, Does.Not.Contain("ping"));
        Assert.That(link.Received(), Is.Empty);
    }

    [Test]
    [Checklist(125)]
    public void A_connection_ends_some_time_after_its_token_has_expired()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig);
        var reply = link.Ask($"{{\"id\":1,\"connect\":{{\"token\":\"{TokenFor("bob", 60)}\"}}}}").Single();

        var (seconds, close) = SecondsUntilClose(rig, link, limit: 200);

        Assert.That(reply, Does.Contain("\"expires\":true,\"ttl\":60"));
        Assert.That(close, Is.EqualTo("close 3005 connection expired"));
        Assert.That(seconds, Is.InRange(65, 65.5), "a late refresh has 5 s");
    }

    [TestCase(3, 2)]
    [TestCase(3, 0)]
    [TestCase(100, 25)]
    [Checklist(125)]
    public void A_connection_ends_on_time_whatever_the_ping_interval_is(int life, int grace)
    {
        using var rig = new BrokerRig(new BrokerOptions { Connections = new() { ExpiredCloseDelay = TimeSpan.FromSeconds(grace), PingInterval = TimeSpan.FromSeconds(60) } });
        var link = new ClientLink(rig).Connected(TokenFor("bob", life));

        var (seconds, close) = SecondsUntilClose(rig, link, limit: 200);

        Assert.That(close, Is.EqualTo("close 3005 connection expired"));
        Assert.That(seconds, Is.InRange(life + grace, life + grace + 0.5));
    }

    [Test]
    public void A_connection_without_an_end_has_one_entry_in_the_timer_wheel()
    {
        using var rig = new BrokerRig();
        var anonymous = new ClientLink(rig).Connected();
        var endless = rig.Waiting;
        var bob = new ClientLink(rig).Connected(TokenFor("bob", 60));
        var expiring = rig.Waiting;
        bob.Ask($"{{\"id\":2,\"refresh\":{{\"token\":\"{TestToken.Of("""{"sub":"bob"}""")}\"}}}}");
        var prolonged = rig.Waiting;
        bob.Hang();
        anonymous.Hang();

        Assert.That((endless, expiring, prolonged, rig.Waiting), Is.EqualTo((1, 3, 2, 0)));
    }

    [Test]
    public void The_end_of_a_connection_costs_less_than_a_tenth_of_a_kilobyte()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();

        var bytes = Allocations.PerCall(() => _ = new ConnectionExpiry(link.Connection));

        Assert.That(bytes, Is.LessThanOrEqualTo(100));
        Assert.That(Unsafe.SizeOf<KeepAlive>(), Is.LessThanOrEqualTo(8), "every connection has one");
    }

    [Test]
    public void A_connection_that_closes_before_its_token_expires_leaves_the_timer_wheel()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected(TokenFor("bob", 60));

        link.Hang();

        Assert.That(rig.Waiting, Is.Zero);
    }

    [Test]
    public void A_clock_that_was_set_forward_ends_expired_connections_within_a_minute()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected(TokenFor("bob", 3_600));

        rig.Time.SetClock(TimeSpan.FromHours(2));
        var (seconds, close) = SecondsUntilClose(rig, link, limit: 61);

        Assert.That(close, Is.EqualTo("close 3005 connection expired"));
        Assert.That(seconds, Is.LessThanOrEqualTo(60.5));
    }

    [Test]
    [Checklist(125)]
    public void A_new_token_in_time_keeps_the_connection()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected(TokenFor("bob", 60));

        rig.Time.Advance(TimeSpan.FromSeconds(10));
        var reply = link.Ask($"{{\"id\":2,\"refresh\":{{\"token\":\"{TokenFor("bob", 600)}\"}}}}");
        var (seconds, close) = SecondsUntilClose(rig, link, limit: 800);

        Assert.That(reply, Is.EqualTo(new[] { "{\"id\":2,\"refresh\":{\"client\":\"CLIENT\",\"version\":\"0.1.0 ClawEvents\",\"expires\":true,\"ttl\":590}}" }));
        Assert.That(close, Is.EqualTo("close 3005 connection expired"));
        Assert.That(seconds + 10, Is.InRange(605, 605.5));
    }

    [TestCase("", "close 3501 bad request")]
    [TestCase("garbage", "close 3500 invalid token")]
    [TestCase("alice", "close 3500 invalid token")]
    [TestCase("expired", "close 3005 connection expired")]
    [Checklist(126)]
    public void A_refresh_with_an_invalid_token_or_another_agents_token_ends_the_connection(string kind, string expected)
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected(TokenFor("bob", 60));
        var token = kind switch { "alice" => TokenFor("alice", 60), "expired" => TokenFor("bob", -1), _ => kind };

        Assert.That(link.Ask($"{{\"id\":2,\"refresh\":{{\"token\":\"{token}\"}}}}"), Is.EqualTo(new[] { expected }));
    }

    private static string TokenFor(string agent, int seconds) => TestToken.Of($"{{\"sub\":\"{agent}\",\"exp\":{TestToken.Seconds(seconds)}}}");

    private static double SecondsUntilPing(BrokerRig rig, ClientLink link, bool answer = true)
    {
        for (var waited = Tick; waited < TimeSpan.FromSeconds(60); waited += Tick)
        {
            rig.Time.Advance(Tick);
            if (link.Received() is ["{}"])
            {
                if (answer)
                {
                    link.Send("{}");
                }

                return waited.TotalSeconds;
            }
        }

        throw new AssertionException("No ping came within a minute.");
    }

    // Answers every ping on the way.
    private static (double Seconds, string Close) SecondsUntilClose(BrokerRig rig, ClientLink link, int limit)
    {
        for (var waited = Tick; waited < TimeSpan.FromSeconds(limit); waited += Tick)
        {
            rig.Time.Advance(Tick);
            switch (link.Received())
            {
                case ["{}"]:
                    link.Send("{}");
                    break;
                case [var close]:
                    return (waited.TotalSeconds, close);
            }
        }

        throw new AssertionException($"The connection was not closed within {limit} seconds.");
    }
}
