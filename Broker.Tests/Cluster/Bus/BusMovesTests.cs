using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;

namespace ClawEvents.Broker.Tests.Cluster.Bus;

/// <summary>Channels that move between servers; both servers are simulated by the test.</summary>
internal sealed class BusMovesTests
{
    private readonly Server[] _servers = [new(), new()];
    private readonly ChannelName[] _channels = [.. Enumerable.Range(0, 4).Select(i => TestChannel.Named($"public.{i}"))];
    private readonly Dictionary<ChannelName, int> _places;
    private readonly BusSubscriptions _subscriptions;

    public BusMovesTests()
    {
        _places = _channels.ToDictionary(channel => channel, _ => 0);
        _subscriptions = new(channel => _servers[_places[channel!]].Home, new ManualTimeProvider(), TimeSpan.Zero);
        foreach (var server in _servers)
        {
            Connect(server);
        }
    }

    [Test]
    public void A_moving_channel_leaves_one_server_before_it_is_subscribed_at_the_other()
    {
        var (channel, name) = (_channels[0], NameOf(0));
        _ = _subscriptions.AddAsync(channel);
        Play();

        Move(0, 1);
        var told = _servers.Select(Send).ToArray();
        var early = Send(_servers[1]);
        _servers[0].Carry();
        Answer(_servers[0]);
        var left = _servers[0].Names.Count;
        var late = _subscriptions.AddAsync(channel);
        Play();

        Assert.That((told[0], told[1], early, left), Is.EqualTo((1, 0, 0, 0)));
        Assert.That(_servers[1].Names, Is.EqualTo(new[] { name }));
        Assert.That(late.IsCompletedSuccessfully, Is.True);
        Assert.That(_subscriptions.TakeResumed(_servers[0].Home, 10), Is.Empty);
        Assert.That(_subscriptions.TakeResumed(_servers[1].Home, 10).Select(resumed => resumed.Channel), Is.EqualTo(new[] { channel }));
    }

    [Test]
    public void A_channel_that_moves_back_before_it_has_left_is_not_interrupted()
    {
        _ = _subscriptions.AddAsync(_channels[0]);
        Play();

        Move(0, 1);
        Move(0, 0);
        Play();

        Assert.That(_servers[0].Names, Is.EqualTo(new[] { NameOf(0) }));
        Assert.That(_servers.SelectMany(server => _subscriptions.TakeResumed(server.Home, 10)), Is.Empty);
    }

    [Test]
    public void A_channel_whose_server_is_not_connected_moves_immediately()
    {
        Lose(_servers[0]);
        var waiting = _subscriptions.AddAsync(_channels[0]);

        Move(0, 1);
        Play();

        Assert.That(waiting.IsCompletedSuccessfully, Is.True);
        Assert.That(_servers[1].Names, Is.EqualTo(new[] { NameOf(0) }));
    }

    [Test]
    public void Subscribers_that_were_not_notified_are_notified_at_the_new_server()
    {
        _ = _subscriptions.AddAsync(_channels[0]);
        Play();
        Lose(_servers[0]);
        Connect(_servers[0]);
        Play();
        var resumed = _subscriptions.TakeResumed(_servers[0].Home, 10);
        Move(0, 1);
        Play();
        _subscriptions.TakeResumed(_servers[1].Home, 10);

        _subscriptions.PutBack(resumed);

        Assert.That(_subscriptions.TakeResumed(_servers[0].Home, 10), Is.Empty);
        Assert.That(_subscriptions.TakeResumed(_servers[1].Home, 10), Is.EqualTo(resumed));
    }

    [Test]
    public void Random_moves_leave_each_channel_subscribed_at_its_own_server_only([Range(1, 100)] int seed)
    {
        var random = new Random(seed);
        var wanted = new int[_channels.Length];
        for (var step = 0; step < 400; step++)
        {
            var i = random.Next(_channels.Length);
            var server = _servers[random.Next(2)];
            switch (random.Next(12))
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
                case 6 or 7:
                    Send(server);
                    break;
                case 8 or 9:
                    server.Carry(random.Next(1, 3));
                    break;
                case 10:
                    Answer(server, random.Next(1, 3));
                    break;
                case 11 when random.Next(10) == 0:
                    Lose(server);
                    Connect(server);
                    break;
            }

            Assert.That(_servers[0].Names.Intersect(_servers[1].Names), Is.Empty);
        }

        Play();

        using (Assert.EnterMultipleScope())
        {
            for (var place = 0; place < 2; place++)
            {
                var names = Enumerable.Range(0, wanted.Length).Where(i => wanted[i] > 0 && _places[_channels[i]] == place).Select(NameOf);
                Assert.That(_servers[place].Names, Is.EquivalentTo(names));
            }

            var isConfirmed = _channels.Where((_, i) => wanted[i] > 0).Select(channel => _subscriptions.AddAsync(channel).IsCompletedSuccessfully);
            Assert.That(isConfirmed, Is.All.True);
        }
    }

    private static string NameOf(int channel) => $"clawevents:bus:0:{{channel:public.{channel}}}";

    private void Move(int channel, int server)
    {
        _places[_channels[channel]] = server;
        _subscriptions.Reroute();
    }

    private void Connect(Server server) => _subscriptions.Connect(server.Home, new RespConnection(Stream.Null, "nowhere", RedisAddress.DefaultLimit));

    private void Lose(Server server)
    {
        server.Clear();
        _subscriptions.Lose(server.Home);
    }

    private void Play()
    {
        do
        {
            foreach (var server in _servers)
            {
                Send(server);
                server.Carry();
                Answer(server);
            }
        }
        while (_servers.Sum(Send) > 0);
    }

    private int Send(Server server)
    {
        if (_subscriptions.TakeBatch(server.Home, 100) is not { } batch)
        {
            return 0;
        }

        batch.Subscribe.ForEach(name => server.Commands.Enqueue((true, name)));
        batch.Unsubscribe.ForEach(name => server.Commands.Enqueue((false, name)));
        return batch.Subscribe.Count + batch.Unsubscribe.Count;
    }

    private void Answer(Server server, int most = 1_000)
    {
        for (; most > 0 && server.Answers.TryDequeue(out var name); most--)
        {
            _subscriptions.Confirm(server.Home, name.Utf8());
        }
    }

    private sealed class Server
    {
        public BusHome Home { get; } = new(new BusNames(0));

        public Queue<(bool IsSubscribe, string Name)> Commands { get; } = new();

        public Queue<string> Answers { get; } = new();

        public HashSet<string> Names { get; } = [];

        public void Carry(int most = 1_000)
        {
            for (; most > 0 && Commands.TryDequeue(out var command); most--)
            {
                _ = command.IsSubscribe ? Names.Add(command.Name) : Names.Remove(command.Name);
                Answers.Enqueue(command.Name);
            }
        }

        public void Clear()
        {
            Commands.Clear();
            Answers.Clear();
            Names.Clear();
        }
    }
}
