using System.IO.Pipelines;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Transports;
using Microsoft.AspNetCore.Connections.Features;

namespace ClawEvents.Broker.Tests.Transports;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EmulatedSessionTests : IDisposable
{
    private readonly PausingStateStore _store = new();
    private readonly BrokerRig _rig;
    private readonly ChannelName _channel = TestChannel.Named("agent.alice.x");
    private readonly Pipe _pipe = InlinePipe.Create();
    private readonly ClientConnection _connection;
    private readonly EmulatedSession _session;

    public EmulatedSessionTests()
    {
        _rig = new BrokerRig(store: _store);
        _connection = new ClientConnection(_rig.Services, Wire.StreamJson, _pipe.Writer, new Lifetime()) { Session = SessionId.New() };
        _session = new EmulatedSession(_connection, _rig.Handler);
    }

    public void Dispose() => _rig.Dispose();

    [Test]
    [Checklist(143)]
    public async Task Messages_are_handled_in_their_order_also_when_one_has_to_wait()
    {
        await _session.HandleAsync("""{"id":1,"connect":{}}""".Utf8());
        _pipe.Reader.TakeAll();

        var waiting = _session.HandleAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""".Utf8());
        var later = Enumerable.Range(3, 50).Select(id => _session.HandleAsync($$$"""{"id":{{{id}}},"unsubscribe":{"channel":"other"}}""".Utf8())).ToArray();
        await Eventually.IsTrueAsync(() => _connection.Subscriptions.Contains(_channel));
        var before = (waiting.IsCompleted, later.Any(task => task.IsCompleted), _pipe.Reader.TakeAll().Length);
        await AnswerAsync(waiting);
        await Task.WhenAll([waiting, .. later]).WaitAsync(RunningBroker.Patience);

        Assert.That(before, Is.EqualTo((false, false, 0)));
        Assert.That(
            _pipe.Reader.TakeAll().Text().Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Is.EqualTo(Enumerable.Range(2, 51).Select(id => id == 2 ? """{"id":2,"subscribe":{}}""" : $"{{\"id\":{id},\"unsubscribe\":{{}}}}")));
    }

    [Test]
    public async Task A_client_that_sends_too_much_is_disconnected_after_its_earlier_messages()
    {
        const int size = 64 * 1024;
        await _session.HandleAsync("""{"id":1,"connect":{}}""".Utf8());
        _pipe.Reader.TakeAll();
        var waiting = _session.HandleAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""".Utf8());
        await Eventually.IsTrueAsync(() => _connection.Subscriptions.Contains(_channel));
        var padded = ("{}" + new string(' ', size - EmulatedSession.MessageCost - 2)).Utf8();
        var most = (EmulatedSession.MaxWaitingBytes / size) - 1;
        var later = Enumerable.Range(0, most).Select(_ => _session.HandleAsync(padded)).ToArray();
        var before = _connection.Phase;

        var tooMuch = _session.HandleAsync(padded);

        Assert.That(before, Is.EqualTo(ConnectionPhase.Connected));
        Assert.That(tooMuch.IsCompleted, Is.True);
        Assert.That(_pipe.Reader.TakeAll().Text(), Does.Contain("3013"));
        await AnswerAsync(waiting);
        await Task.WhenAll([waiting, .. later]).WaitAsync(RunningBroker.Patience);
    }

    [Test]
    public async Task A_client_that_waits_for_each_answer_may_send_any_amount()
    {
        await _session.HandleAsync("""{"id":1,"connect":{}}""".Utf8());
        var padded = ("""{"id":2,"unsubscribe":{"channel":"other"}}""" + new string(' ', 60_000)).Utf8();

        for (var i = 0; i < 40; i++)
        {
            await _session.HandleAsync(padded);
        }

        Assert.That(_connection.Phase, Is.EqualTo(ConnectionPhase.Connected));
    }

    [Test]
    public async Task The_end_of_a_session_waits_for_the_current_message_and_accepts_no_more()
    {
        await _session.HandleAsync("""{"id":1,"connect":{}}""".Utf8());
        var waiting = _session.HandleAsync("""{"id":2,"subscribe":{"channel":"agent.alice.x"}}""".Utf8());
        _pipe.Reader.TakeAll();

        await Eventually.IsTrueAsync(() => _connection.Subscriptions.Contains(_channel));
        var end = _session.EndAsync();
        await _session.HandleAsync("""{"id":3,"unsubscribe":{"channel":"other"}}""".Utf8());
        var wasOver = end.IsCompleted;
        await AnswerAsync(waiting);
        await end.WaitAsync(RunningBroker.Patience);

        Assert.That((wasOver, waiting.IsCompletedSuccessfully), Is.EqualTo((false, true)));
        Assert.That(_pipe.Reader.TakeAll().Text(), Is.EqualTo("{\"id\":2,\"subscribe\":{}}\n"));
    }

    [Test]
    public async Task A_message_that_is_not_UTF8_is_a_bad_request()
    {
        await _session.HandleAsync(new byte[] { 0xFF });

        Assert.That(_pipe.Reader.TakeAll().Text(), Does.Contain("3501"));
    }

    // The store is asked a moment after the subscription is there.
    private Task<TimeSpan> AnswerAsync(Task asked) => Eventually.IsTrueAsync(() =>
    {
        _store.Answer(ChannelAccess.Open);
        return asked.IsCompleted;
    });

    private sealed class Lifetime : IConnectionLifetimeFeature
    {
        public CancellationToken ConnectionClosed { get; set; }

        public void Abort()
        {
        }
    }
}
