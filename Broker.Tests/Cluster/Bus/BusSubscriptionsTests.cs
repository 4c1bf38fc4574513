using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>The state machine, against a server that the test simulates: commands and answers in queues.</summary>
internal sealed class BusSubscriptionsTests
{
    private readonly BusHome _home = new(new BusNames(0));
    private readonly ManualTimeProvider _time = new();
    private readonly ChannelName _channel = TestChannel.Named("public.x");
    private readonly Queue<(bool IsSubscribe, string Name)> _commands = new();
    private readonly Queue<string> _answers = new();
    private readonly HashSet<string> _server = [];
    private BusSubscriptions _subscriptions;

    public BusSubscriptionsTests() => _subscriptions = new(_ => _home, _time, TimeSpan.Zero);

    [Test]
    public void The_first_subscriber_subscribes_and_the_last_one_leaves()
    {
        Connect();

        var first = _subscriptions.AddAsync(_channel);
        var before = first.IsCompleted;
        Play();
        var second = _subscriptions.AddAsync(_channel);
        _subscriptions.Remove(_channel);
        Play();
        var stays = _server.Count;
        _subscriptions.Remove(_channel);
        Play();

        Assert.That((before, first.IsCompletedSuccessfully, second.IsCompletedSuccessfully), Is.EqualTo((false, true, true)));
        Assert.That((stays, _server.Count, _subscriptions.Count), Is.EqualTo((1, 0, 0)));
    }

    [Test]
    public void A_subscriber_that_leaves_and_returns_is_confirmed_when_it_is_subscribed()
    {
        Connect();
        _ = _subscriptions.AddAsync(_channel);
        Play();

        _subscriptions.Remove(_channel);
        Send();
        var again = _subscriptions.AddAsync(_channel);
        Carry();
        Answer();
        var whileLeaving = again.IsCompleted;
        Play();

        Assert.That((whileLeaving, again.IsCompletedSuccessfully), Is.EqualTo((false, true)));
        Assert.That(_server, Is.EqualTo(new[] { "clawevents:bus:0:{channel:public.x}" }));
    }

    [Test]
    public void Joining_and_leaving_between_two_batches_sends_nothing()
    {
        Connect();

        _ = _subscriptions.AddAsync(_channel);
        _subscriptions.Remove(_channel);
        Send();

        Assert.That(_commands, Is.Empty);
        Assert.That(_subscriptions.Count, Is.Zero);
    }

    [Test]
    public void A_name_stays_subscribed_for_a_while_after_its_last_subscriber()
    {
        _subscriptions = new(_ => _home, _time, TimeSpan.FromSeconds(1));
        Connect();
        _ = _subscriptions.AddAsync(_channel);
        Play();

        _subscriptions.Remove(_channel);
        Leave(TimeSpan.FromSeconds(0.9));
        var lingering = _server.Count;
        var again = _subscriptions.AddAsync(_channel).IsCompletedSuccessfully;
        Leave(TimeSpan.FromSeconds(0.2));
        var wanted = _server.Count;
        _subscriptions.Remove(_channel);
        Leave(TimeSpan.FromSeconds(1));

        Assert.That((lingering, again, wanted, _server.Count), Is.EqualTo((1, true, 1, 0)));
    }

    [Test]
    public void After_a_loss_all_channels_are_subscribed_again_and_subscribers_notified()
    {
        Connect();
        var (kept, left, waiting) = (TestChannel.Named("public.kept"), TestChannel.Named("public.left"), TestChannel.Named("public.waiting"));
        _ = _subscriptions.AddAsync(kept);
        _ = _subscriptions.AddAsync(left);
        Play();
        var waited = _subscriptions.AddAsync(waiting);

        Lose();
        _subscriptions.Remove(left);
        var early = waited.IsCompleted;
        Connect();
        Play();

        Assert.That((early, waited.IsCompletedSuccessfully), Is.EqualTo((false, true)));
        Assert.That(_server, Is.EquivalentTo(new[] { _home.Names.Of(kept), _home.Names.Of(waiting) }));
        Assert.That(_subscriptions.TakeResumed(_home, 10).Select(resumed => resumed.Channel), Is.EqualTo(new[] { kept }));
    }

    [Test]
    public void A_subscriber_that_was_not_notified_of_one_loss_is_notified_after_the_next()
    {
        Connect();
        _ = _subscriptions.AddAsync(_channel);
        Play();
        for (var i = 0; i < 2; i++)
        {
            Lose();
            Connect();
        }

        Play();
        var resumed = _subscriptions.TakeResumed(_home, 10);

        Assert.That(resumed.Select(subscription => subscription.Channel), Is.EqualTo(new[] { _channel }));
        Assert.That(_subscriptions.TakeResumed(_home, 10), Is.Empty);
    }

    [Test]
    public void A_batch_is_sent_only_over_the_connection_it_was_made_for()
    {
        Connect();
        _ = _subscriptions.AddAsync(_channel);
        Lose();
        var none = _subscriptions.TakeBatch(_home, 10);
        Connect();

        Assert.That(none, Is.Null);
        Assert.That(_subscriptions.TakeBatch(_home, 10)!.Connection, Is.SameAs(_home.Connection));
    }

    [Test]
    public void Names_are_found_by_their_bytes()
    {
        _ = _subscriptions.AddAsync(_channel);

        Assert.That(_subscriptions.Find("clawevents:bus:0:{channel:public.x}"u8)!.Channel, Is.EqualTo(_channel));
        Assert.That(_subscriptions.Find("clawevents:bus:0:{channel:public.y}"u8), Is.Null);
        Assert.That(_subscriptions.Find(new byte[5_000]), Is.Null);
        Assert.That(_subscriptions.Find("clawevents:bus:0:{channel:public.\u00e9}"u8), Is.Null);
        Assert.That(Allocations.PerCall(() => _subscriptions.Find("clawevents:bus:0:{channel:public.x}"u8)), Is.Zero);
    }

    [Test]
    public void Random_operations_leave_exactly_the_wanted_channels_subscribed([Range(1, 100)] int seed)
    {
        var random = new Random(seed);
        var channels = Enumerable.Range(0, 4).Select(i => TestChannel.Named($"public.{i}")).ToArray();
        var wanted = new int[channels.Length];
        Connect();
        for (var step = 0; step < 400; step++)
        {
            var i = random.Next(channels.Length);
            switch (random.Next(12))
            {
                case <= 2:
                    _ = _subscriptions.AddAsync(channels[i]);
                    wanted[i]++;
                    break;
                case <= 5 when wanted[i] > 0:
                    _subscriptions.Remove(channels[i]);
                    wanted[i]--;
                    break;
                case 6 or 7:
                    Send(random.Next(1, 4));
                    break;
                case 8 or 9:
                    Carry(random.Next(1, 3));
                    break;
                case 10:
                    Answer(random.Next(1, 3));
                    break;
                case 11 when random.Next(10) == 0:
                    Lose();
                    Connect();
                    break;
            }

            CheckConfirmed(channels, wanted);
        }

        Play();

        Assert.That(_server, Is.EquivalentTo(channels.Where((_, i) => wanted[i] > 0).Select(_home.Names.Of)));
        Assert.That(_subscriptions.Count, Is.EqualTo(_server.Count));
        Assert.That(_subscriptions.Channels, Is.EquivalentTo(channels.Where((_, i) => wanted[i] > 0)));
    }

    // A subscriber that is confirmed immediately is subscribed at the server, and no command is on its way that would end it.
    private void CheckConfirmed(ChannelName[] channels, int[] wanted)
    {
        for (var i = 0; i < channels.Length; i++)
        {
            if (wanted[i] > 0 && _subscriptions.AddAsync(channels[i]) is var confirmation)
            {
                var name = _home.Names.Of(channels[i]);
                Assert.That(!confirmation.IsCompletedSuccessfully || (_server.Contains(name) && !_commands.Contains((false, name))));
                _subscriptions.Remove(channels[i]);
            }
        }
    }

    private void Connect() => _subscriptions.Connect(_home, new RespConnection(Stream.Null, "nowhere", RedisAddress.DefaultLimit));

    private void Lose()
    {
        _commands.Clear();
        _answers.Clear();
        _server.Clear();
        _subscriptions.Lose(_home);
    }

    private void Leave(TimeSpan after)
    {
        _time.Advance(after);
        _subscriptions.LeaveLingering();
        Play();
    }

    private void Play()
    {
        do
        {
            Send();
            Carry();
            Answer();
        }
        while (Send() > 0);
    }

    private int Send(int most = 100)
    {
        if (_subscriptions.TakeBatch(_home, most) is not { } batch)
        {
            return 0;
        }

        batch.Subscribe.ForEach(name => _commands.Enqueue((true, name)));
        batch.Unsubscribe.ForEach(name => _commands.Enqueue((false, name)));
        return batch.Subscribe.Count + batch.Unsubscribe.Count;
    }

    private void Carry(int most = 1_000)
    {
        for (; most > 0 && _commands.TryDequeue(out var command); most--)
        {
            _ = command.IsSubscribe ? _server.Add(command.Name) : _server.Remove(command.Name);
            _answers.Enqueue(command.Name);
        }
    }

    private void Answer(int most = 1_000)
    {
        for (; most > 0 && _answers.TryDequeue(out var name); most--)
        {
            _subscriptions.Confirm(_home, name.Utf8());
        }
    }
}
