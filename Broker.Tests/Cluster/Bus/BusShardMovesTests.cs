using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>Sharded subscriptions at servers that refuse them and end them; both servers are simulated by the test.</summary>
internal sealed class BusShardMovesTests
{
    private readonly Server[] _servers = [new(), new()];
    private readonly ChannelName[] _channels = [.. Enumerable.Range(0, 4).Select(i => TestChannel.Named($"public.{i}"))];

    // The server that has the channel, and the one that the node believes to have it.
    private readonly int[] _places = new int[4];
    private readonly int[] _map = new int[4];
    private readonly BusSubscriptions _subscriptions;

    public BusShardMovesTests()
    {
        _subscriptions = new(channel => _servers[_map[Array.IndexOf(_channels, channel)]].Home, new ManualTimeProvider(), TimeSpan.Zero);
        foreach (var server in _servers)
        {
            Connect(server);
        }
    }

    [Test]
    public void A_refused_subscription_is_confirmed_at_the_server_that_has_the_channel()
    {
        Move(0, 1);
        var waiting = _subscriptions.AddAsync(_channels[0]);
        Play();
        var early = waiting.IsCompleted;

        _map[0] = 1;
        _subscriptions.Reroute();
        Play();

        Assert.That((early, waiting.IsCompletedSuccessfully), Is.EqualTo((false, true)));
        Assert.That(_servers[1].Names, Is.EqualTo(new[] { NameOf(0) }));
        Assert.That(TakeResumed(), Is.Empty, "it has never been subscribed before");
    }

    [Test]
    public void A_subscription_that_the_server_ends_is_an_interruption()
    {
        _ = _subscriptions.AddAsync(_channels[0]);
        Play();

        Move(0, 1);
        Play();
        var late = _subscriptions.AddAsync(_channels[0]);
        Play();
        var early = (late.IsCompleted, TakeResumed().Length);
        _map[0] = 1;
        _subscriptions.Reroute();
        Play();

        Assert.That(early, Is.EqualTo((false, 0)));
        Assert.That(late.IsCompletedSuccessfully, Is.True);
        Assert.That(TakeResumed(), Is.EqualTo(new[] { _channels[0] }));
    }

    [Test]
    public void A_slot_that_leaves_and_comes_back_is_subscribed_again()
    {
        _ = _subscriptions.AddAsync(_channels[0]);
        Play();

        Move(0, 1);
        Move(0, 0);
        Play();
        _subscriptions.Retry(_servers[0].Home);
        Play();

        Assert.That(_servers[0].Names, Is.EqualTo(new[] { NameOf(0) }));
        Assert.That(TakeResumed(), Is.EqualTo(new[] { _channels[0] }));
    }

    [Test]
    public void The_new_server_is_woken_when_a_subscription_is_refused_after_the_map_has_changed()
    {
        Move(0, 1);
        _ = _subscriptions.AddAsync(_channels[0]);
        Send(_servers[0]);
        _map[0] = 1;
        _subscriptions.Reroute();
        _servers[1].IsAwake = false;
        Play();

        Assert.That(_servers[1].Names, Is.EqualTo(new[] { NameOf(0) }));
    }

    [Test]
    public void A_refused_end_of_a_subscription_is_tried_again()
    {
        _ = _subscriptions.AddAsync(_channels[0]);
        Play();
        _servers[0].RefusesAll = true;
        _subscriptions.Remove(_channels[0]);
        Play();
        var back = _subscriptions.AddAsync(_channels[0]);
        Play();
        var stillThere = back.IsCompletedSuccessfully;
        _subscriptions.Remove(_channels[0]);
        _servers[0].RefusesAll = false;
        _subscriptions.Retry(_servers[0].Home);
        Play();

        Assert.That(stillThere, Is.True);
        Assert.That(_servers[0].Names, Is.Empty);
        Assert.That(_subscriptions.Count, Is.Zero);
    }

    [Test]
    public void An_answer_of_a_lost_connection_confirms_nothing()
    {
        var waiting = _subscriptions.AddAsync(_channels[0]);
        var batch = _subscriptions.TakeBatch(_servers[0].Home, 100)!;
        _subscriptions.SetHeld(_servers[0].Home, NameOf(0).Utf8(), isHeld: true);
        _subscriptions.Lose(_servers[0].Home);
        Connect(_servers[0]);
        _ = _subscriptions.TakeBatch(_servers[0].Home, 100)!;

        _subscriptions.ConfirmShards(_servers[0].Home, batch);

        Assert.That(waiting.IsCompleted, Is.False);
    }

    [Test]
    public void A_message_that_every_server_sends_is_taken_only_where_the_channel_is_subscribed()
    {
        _ = _subscriptions.AddAsync(_channels[0]);
        var before = FindHeld();
        Play();
        var here = FindHeld();
        Move(0, 1);
        _map[0] = 1;
        _subscriptions.Reroute();
        Play();

        Assert.That((before, here, FindHeld()), Is.EqualTo(((false, false), (true, false), (false, true))));

        (bool, bool) FindHeld() => (IsHeldAt(0), IsHeldAt(1));
        bool IsHeldAt(int server) => _subscriptions.FindHeld(_servers[server].Home, NameOf(0).Utf8()) is not null;
    }

    [Test]
    public void Random_moves_lose_no_publication_without_notice([Range(1, 100)] int seed)
    {
        var random = new Random(seed);
        var wanted = new int[_channels.Length];
        var missed = new HashSet<ChannelName>();
        for (var step = 0; step < 600; step++)
        {
            var i = random.Next(_channels.Length);
            var server = _servers[random.Next(2)];
            switch (random.Next(16))
            {
                case <= 2:
                    _ = _subscriptions.AddAsync(_channels[i]);
                    wanted[i]++;
                    break;
                case <= 4 when wanted[i] > 0:
                    _subscriptions.Remove(_channels[i]);
                    wanted[i]--;
                    break;
                case 5:
                    Move(i, random.Next(2));
                    break;
                case 6:
                    _map[i] = _places[i];
                    _subscriptions.Reroute();
                    break;
                case 7:
                    _subscriptions.Retry(server.Home);
                    break;
                case 8 or 9:
                    Send(server);
                    break;
                case 10 or 11:
                    server.Carry(random.Next(1, 4));
                    break;
                case 12:
                    Read(server, random.Next(1, 5));
                    break;
                case 13:
                    Confirm(server);
                    break;
                case 14:
                    Publish(i, missed);
                    break;
                case 15 when random.Next(10) == 0:
                    server.Clear();
                    _subscriptions.Lose(server.Home);
                    Connect(server);
                    break;
            }

            Assert.That(_servers[0].Names.Intersect(_servers[1].Names), Is.Empty);
            missed.RemoveWhere(channel => wanted[Array.IndexOf(_channels, channel)] == 0);
            missed.ExceptWith(TakeResumed());
        }

        _places.CopyTo(_map, 0);
        _subscriptions.Reroute();
        Settle();
        missed.ExceptWith(TakeResumed());

        using (Assert.EnterMultipleScope())
        {
            for (var place = 0; place < 2; place++)
            {
                var names = Enumerable.Range(0, wanted.Length).Where(i => wanted[i] > 0 && _places[i] == place).Select(NameOf);
                Assert.That(_servers[place].Names, Is.EquivalentTo(names));
            }

            var isConfirmed = _channels.Where((_, i) => wanted[i] > 0).Select(channel => _subscriptions.AddAsync(channel).IsCompletedSuccessfully);
            Assert.That(isConfirmed, Is.All.True);
            Assert.That(missed, Is.Empty, "their subscribers were not told");
        }
    }

    private static string NameOf(int channel) => $"clawevents:bus:0:{{channel:public.{channel}}}";

    // A subscriber that waits for its confirmation has missed nothing, whatever is published.
    private void Publish(int channel, HashSet<ChannelName> missed)
    {
        if (IsConfirmed(channel) && !_servers[_places[channel]].Names.Contains(NameOf(channel)))
        {
            missed.Add(_channels[channel]);
        }
    }

    private bool IsConfirmed(int channel) => _subscriptions.Find(NameOf(channel).Utf8()) is { IsConfirmed: true, Wanted: > 0 };

    private ChannelName[] TakeResumed() => [.. _servers.SelectMany(server => _subscriptions.TakeResumed(server.Home, 10)).Select(resumed => resumed.Channel!)];

    private void Move(int channel, int server)
    {
        if (_places[channel] != server)
        {
            _servers[_places[channel]].End(NameOf(channel));
            _servers[_places[channel]].Own.Remove(NameOf(channel));
            _places[channel] = server;
        }

        _servers[server].Own.Add(NameOf(channel));
    }

    private void Connect(Server server)
    {
        for (var i = 0; i < _channels.Length; i++)
        {
            Move(i, _places[i]);
        }

        _subscriptions.Connect(server.Home, new RespConnection(Stream.Null, "nowhere", RedisAddress.DefaultLimit), isSharded: true);
    }

    private void Settle()
    {
        for (var i = 0; i < 4; i++)
        {
            Play();
            _subscriptions.Retry(_servers[0].Home);
            _subscriptions.Retry(_servers[1].Home);
        }

        Play();
    }

    private void Play()
    {
        do
        {
            foreach (var server in _servers)
            {
                Send(server);
                server.Carry();
                Read(server);
                Confirm(server);
            }
        }
        while (_servers.Any(Send));
    }

    // One batch at a time, and only after it was woken, as the listener does.
    private bool Send(Server server)
    {
        if (server.Batch is not null || !server.IsAwake)
        {
            return false;
        }

        if (_subscriptions.TakeBatch(server.Home, 100) is not { } batch)
        {
            server.IsAwake = false;
            return false;
        }

        server.Batch = batch;
        batch.ShardUnsubscribe.ForEach(one => server.Commands.Enqueue((one.Name, false)));
        batch.ShardSubscribe.ForEach(one => server.Commands.Enqueue((one.Name, true)));
        server.Commands.Enqueue(null);
        return true;
    }

    private void Read(Server server, int most = 1_000)
    {
        for (; most > 0 && server.Pushes.TryDequeue(out var push); most--)
        {
            if (push is var (name, isHeld))
            {
                _subscriptions.SetHeld(server.Home, name.Utf8(), isHeld);
            }
            else
            {
                server.IsAnswered = true;
            }
        }
    }

    // Pushes that come behind the answer may be handled before it.
    private void Confirm(Server server)
    {
        if (server.IsAnswered)
        {
            server.IsAnswered = false;
            var batch = server.Batch!;
            server.Batch = null;
            _subscriptions.ConfirmShards(server.Home, batch);
        }
    }

    private sealed class Server
    {
        public Server() => Home.Wake = () => IsAwake = true;

        public BusHome Home { get; } = new(new BusNames(0));

        public bool IsAwake { get; set; }

        public HashSet<string> Own { get; } = [];

        public bool RefusesAll { get; set; }

        public BusBatch? Batch { get; set; }

        public bool IsAnswered { get; set; }

        /// <summary>Null: a ping.</summary>
        public Queue<(string Name, bool IsSubscribe)?> Commands { get; } = new();

        /// <summary>Null: the answer to a ping.</summary>
        public Queue<(string Name, bool IsHeld)?> Pushes { get; } = new();

        public HashSet<string> Names { get; } = [];

        public void Carry(int most = 1_000)
        {
            for (; most > 0 && Commands.TryDequeue(out var command); most--)
            {
                if (command is not var (name, isSubscribe))
                {
                    Pushes.Enqueue(null);
                }
                else if (Own.Contains(name) && !RefusesAll)
                {
                    _ = isSubscribe ? Names.Add(name) : Names.Remove(name);
                    Pushes.Enqueue((name, isSubscribe));
                }
            }
        }

        /// <summary>The name's slot leaves.</summary>
        public void End(string name)
        {
            if (Names.Remove(name))
            {
                Pushes.Enqueue((name, false));
            }
        }

        public void Clear()
        {
            Commands.Clear();
            Pushes.Clear();
            Names.Clear();
            (Batch, IsAnswered) = (null, false);
        }
    }
}
