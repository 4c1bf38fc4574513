using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>How long a connection may take over its beginning and over its end.</summary>
internal sealed class ConnectionLimitTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);

    [Test]
    [Checklist(28)]
    public void A_connection_that_sends_nothing_is_stale_after_ten_seconds()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig);

        rig.Time.Advance(TimeSpan.FromSeconds(9.5));
        var before = link.Received();
        rig.Time.Advance(2 * Tick);

        Assert.That(before, Is.Empty);
        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3502 stale" }));
    }

    [Test]
    public void Control_frames_do_not_keep_a_connection_from_becoming_stale()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig);

        rig.Time.Advance(TimeSpan.FromSeconds(9));
        link.Send(ClientFrame.Ping("x"));
        rig.Time.Advance(TimeSpan.FromSeconds(1.5));

        Assert.That(link.Received(), Is.EqualTo(new[] { "pong x", "close 3502 stale" }));
    }

    [Test]
    [Checklist(34)]
    public void After_a_refused_connect_nothing_is_answered_and_the_connection_becomes_stale()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig);
        var expired = TestToken.Of($"{{\"sub\":\"bob\",\"exp\":{TestToken.Seconds(-1)}}}");

        var refusal = link.Ask($"{{\"id\":1,\"connect\":{{\"token\":\"{expired}\"}}}}");
        var silence = link.Ask("{\"id\":2,\"connect\":{}}").Concat(link.Ask("{\"id\":3,\"subscribe\":{\"channel\":\"public.a\"}}")).Concat(link.Ask("{}"));

        Assert.That(refusal, Is.EqualTo(new[] { "{\"id\":1,\"error\":{\"code\":109,\"message\":\"token expired\"}}" }));
        Assert.That(silence, Is.Empty);
        rig.Time.Advance(TimeSpan.FromSeconds(10.5));
        Assert.That(link.Received(), Is.EqualTo(new[] { "close 3502 stale" }));
    }

    [Test]
    public void The_transport_is_aborted_when_the_client_does_not_answer_the_close_frame()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        link.Ask("bad");

        rig.Time.Advance(TimeSpan.FromSeconds(5) - Tick);
        var before = link.IsAborted;
        rig.Time.Advance(2 * Tick);

        Assert.That((before, link.IsAborted), Is.EqualTo((false, true)));
    }

    [Test]
    public void The_transport_is_not_aborted_when_the_client_answers_the_close_frame()
    {
        using var rig = new BrokerRig();
        var link = new ClientLink(rig).Connected();
        link.Ask("bad");

        link.Send(ClientFrame.Close(3501));
        rig.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.That((link.IsOver, link.IsAborted, rig.Waiting), Is.EqualTo((true, false, 0)));
    }
}
