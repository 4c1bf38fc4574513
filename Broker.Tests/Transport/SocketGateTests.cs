using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Tests.Transport;

internal sealed class SocketGateTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger<SocketGate> _log = new();
    private readonly LimitHits _hits = new();

    [TestCase(256, 120, 88)]
    [TestCase(1024, 120, 856)]
    [TestCase(20_000, 120, 19_624)]
    [TestCase(100, 120, 16)]
    public void Sockets_leave_a_reserve_of_descriptors(int limit, int open, int sockets)
    {
        Assert.That(SocketGate.MostSockets(limit, open), Is.EqualTo(sockets));
    }

    [Test]
    public void A_full_gate_opens_again_when_a_socket_has_left()
    {
        var gate = new SocketGate(new SocketLimits(2), _time, _hits, _log);

        var entered = Enumerable.Range(0, 5).Count(_ => gate.TryEnter());
        gate.Leave();

        Assert.That((entered, gate.TryEnter(), gate.TryEnter()), Is.EqualTo((2, true, false)));
    }

    [Test]
    public void HTTP_leaves_half_of_the_sockets_to_others()
    {
        var gate = new SocketGate(new SocketLimits(10), _time, _hits, _log);

        Assert.That(Enumerable.Range(0, 10).Count(_ => gate.TryEnterHttp()), Is.EqualTo(5));
    }

    [Test]
    public void Refusals_are_logged_once_in_a_while()
    {
        var gate = new SocketGate(new SocketLimits(1), _time, _hits, _log);
        for (var i = 0; i < 1_000; i++)
        {
            gate.TryEnter();
        }

        var during = _log.Lines.Count;
        _time.Advance(TimeSpan.FromSeconds(30));
        gate.TryEnter();

        Assert.That((during, _log.Lines.Count), Is.EqualTo((1, 2)));
    }
}
