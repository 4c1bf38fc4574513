using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Connections;

/// <summary>Pings as frames of RFC 6455, for clients that asked for them.</summary>
internal sealed class ConnectionNativePingTests : IDisposable
{
    private readonly BrokerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Test]
    [Checklist(7)]
    public void The_connect_reply_names_no_ping_interval() =>
        Assert.That(new ClientLink(_rig, pingFrames: true).Ask("{\"id\":1,\"connect\":{}}"), Is.EqualTo(new[] { "{\"id\":1,\"connect\":{\"client\":\"CLIENT\",\"version\":\"0.1.0 ClawEvents\"}}" }));

    [Test]
    [Checklist(7)]
    public void Ping_frames_come_at_the_interval_and_a_pong_frame_answers_them()
    {
        var link = new ClientLink(_rig, pingFrames: true).Connected();
        var pings = new List<string>();

        for (var second = 0; second < 125; second++)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            var heard = link.Received();
            pings.AddRange(heard);
            if (heard.Length > 0)
            {
                link.Send(ClientFrame.Pong());
            }
        }

        Assert.That(pings, Has.Count.InRange(4, 6).And.All.EqualTo("ping"));
    }

    [Test]
    public void A_ping_frame_without_an_answer_ends_the_connection()
    {
        var link = new ClientLink(_rig, pingFrames: true).Connected();

        _rig.Time.Advance(TimeSpan.FromSeconds(34));

        Assert.That(link.Received(), Is.EqualTo(new[] { "ping", "close 3012 no pong" }));
    }

    [Test]
    public void An_unsolicited_pong_frame_is_ignored_and_an_empty_command_is_a_bad_request()
    {
        var link = new ClientLink(_rig, pingFrames: true).Connected();

        link.Send(ClientFrame.Pong("x"));
        var silence = link.Received();

        Assert.That(silence, Is.Empty);
        Assert.That(link.Ask("{}"), Is.EqualTo(new[] { "close 3501 bad request" }));
    }

    [Test]
    public void A_pong_frame_does_not_answer_a_ping_of_the_client_protocol()
    {
        var link = new ClientLink(_rig).Connected();
        _rig.Time.Advance(TimeSpan.FromSeconds(25.5));
        var ping = link.Received();

        link.Send(ClientFrame.Pong());
        _rig.Time.Advance(TimeSpan.FromSeconds(9));

        Assert.That(ping[0], Is.EqualTo("{}"));
        Assert.That(ping.Concat(link.Received()).Last(), Is.EqualTo("close 3012 no pong"));
    }
}
