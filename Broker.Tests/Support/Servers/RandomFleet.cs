using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Two nodes in this process on a Redis that loses nothing, four clients, and a model of acknowledged changes. Runs random operations and faults.</summary>
/// <remarks>
/// The model knows a lock or a grant as on, off, or not known, because its change was not answered. Faults end, and everything is compared, at a
/// <em>checkpoint</em>. Changes of locks go through a connected node: one that is held on the network could be made at any time after its refusal.
/// </remarks>
internal sealed partial class RandomFleet : IAsyncDisposable
{
    private const string Owner = "alice";
    private const string Granted = "bob";

    private static readonly string[] KeptChannels = ["kept:a", "kept:b"];
    private static readonly string[] LockableChannels = ["agent.alice.x", "agent.alice.y"];

    private readonly int _seed;
    private readonly Random _random;
    private readonly RunningRedis _redis;
    private readonly List<RunningForwarder> _ways = [];
    private readonly List<RunningBroker> _nodes = [];
    private readonly List<(FollowingClient Client, bool IsBob)> _clients = [];
    private readonly HashSet<int> _held = [];
    private readonly Dictionary<string, List<Acknowledgement>> _acknowledged = KeptChannels.ToDictionary(channel => channel, _ => new List<Acknowledgement>());
    private readonly Dictionary<string, bool?> _locks = LockableChannels.ToDictionary(channel => channel, _ => (bool?)false);
    private readonly Dictionary<string, bool?> _grants = LockableChannels.ToDictionary(channel => channel, _ => (bool?)false);

    // For clients that are known to have no right: the number of publications they had received when that began to count.
    private readonly ConcurrentDictionary<(FollowingClient Client, string Channel), int> _forbidden = new();

    private readonly List<string> _steps = [];
    private string _token = "";
    private bool _isDown;
    private int _texts;
    private int _refused;

    private RandomFleet(RunningRedis redis, int seed) => (_redis, _seed, _random) = (redis, seed, new Random(seed));

    public static async Task<RandomFleet> StartAsync(int seed)
    {
        var fleet = new RandomFleet(await RunningRedis.StartAsync("--appendonly", "yes", "--appendfsync", "always"), seed);
        for (var i = 0; i < 2; i++)
        {
            var way = new RunningForwarder(fleet._redis.Port);
            fleet._ways.Add(way);
            fleet._nodes.Add(await RunningBroker.StartAsync(options => options with
            {
                Identity = options.Identity with { JwtSecret = TestToken.Secret },
                State = options.State with { Redis = [AddressOf(way.Port)] },
                Publishing = options.Publishing with { PublishesPerSecond = 0 },
                Namespaces = TestNamespaces.Of(
                    ("kept", TestNamespaces.Open with { HistorySize = 10_000, HistoryTtl = TimeSpan.FromMinutes(30), ForceRecovery = true })),
            }));
        }

        fleet._token = await fleet._nodes[0].RegisterAsync(Owner);
        var bob = await fleet._nodes[0].RegisterAsync(Granted);
        foreach (var node in fleet._nodes)
        {
            foreach (var token in (string?[])[null, bob])
            {
                fleet._clients.Add((new FollowingClient(() => node.Url, token, [.. KeptChannels, .. LockableChannels]), token is not null));
            }
        }

        await Task.WhenAll(fleet._clients.Select(one => one.Client.AwaitSubscribedAsync()));
        return fleet;
    }

    /// <summary>Runs until the time is over; the last step is a checkpoint.</summary>
    public async Task PlayAsync(TimeSpan time)
    {
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < time;)
        {
            for (var i = _random.Next(5, 20); i > 0; i--)
            {
                await StepAsync();
            }

            await CheckAsync();
        }
    }

    /// <summary>Faults that the nodes have logged.</summary>
    public IEnumerable<string> Errors => _nodes.SelectMany(node => node.Errors);

    /// <summary>The steps so far.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {_seed}: {_steps.Count} steps, {_acknowledged.Sum(channel => channel.Value.Count)} publications acknowledged, {_refused} requests refused, {_clients.Sum(one => one.Client.Losses)} connections lost");

    public async ValueTask DisposeAsync()
    {
        foreach (var (client, _) in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        foreach (var way in _ways)
        {
            await way.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    private static RedisAddress AddressOf(int port) =>
        RedisAddress.TryParse(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}"), out var address) ? address : throw new InvalidOperationException();

    private string Because(string what) => $"seed {_seed}: {what}, after {string.Join("; ", _steps.TakeLast(40))}";

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private void Note(string step) => _steps.Add(step);

    private Task StepAsync() => _random.Next(100) switch
    {
        < 45 => PublishKeptAsync(),
        < 55 => PublishLockableAsync(),
        < 63 => ToggleAsync(),
        < 80 => ChangeAccessAsync(Pick(LockableChannels), isLock: _random.Next(2) == 0, isOn: _random.Next(2) == 0, FreeNode()),
        < 87 => CutAsync(),
        < 93 => KillSubscriptionsAsync(),
        < 96 => KillOrStartRedisAsync(),
        _ => HoldOrReleaseAsync(),
    };

    // A few simultaneously through both nodes; a refused one is tried again, with its key, at the other node.
    private Task PublishKeptAsync()
    {
        var channel = Pick(KeptChannels);
        var withKey = _random.Next(2) == 0;
        var publications = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => (Text: $"p{_texts++}", Node: _random.Next(2))).ToList();
        Note($"publish {publications[0].Text} to {publications[^1].Text} in {channel}{(withKey ? " with keys" : "")}");
        return Task.WhenAll(publications.Select(async one =>
        {
            var key = withKey ? one.Text : null;
            var answer = await PublishAsync(one.Node, channel, one.Text, key);
            if (!answer.IsAcknowledged && withKey)
            {
                answer = await PublishAsync(1 - one.Node, channel, one.Text, key);
            }

            if (answer.IsAcknowledged)
            {
                lock (_acknowledged)
                {
                    _acknowledged[channel].Add(new(one.Text, answer.Offset, answer.Epoch));
                }
            }
        }));
    }

    private async Task PublishLockableAsync()
    {
        var channel = Pick(LockableChannels);
        Note($"publish in {channel}");
        await PublishAsync(_random.Next(2), channel, $"q{_texts++}", null);
    }

    private async Task<NodeAnswer> PublishAsync(int node, string channel, string text, string? key)
    {
        var answer = await _nodes[node].Http.PublishAsync(channel, text, key);
        Assert.That(answer.Status, Is.EqualTo(200).Or.EqualTo(503), Because($"{text} at node {node}"));
        CountRefusal(answer.Status);
        return answer;
    }

    private async Task ToggleAsync()
    {
        var (client, channel) = (Pick(_clients).Client, Pick(KeptChannels));
        Note($"{(client[channel].IsWanted ? "unsubscribe" : "subscribe")} a client, {channel}");
        await (client[channel].IsWanted ? client.UnsubscribeAsync(channel) : client.SubscribeAsync(channel));
    }

    private Task CutAsync()
    {
        Note("cut a client");
        Pick(_clients).Client.Cut();
        return Task.CompletedTask;
    }

    private async Task KillSubscriptionsAsync()
    {
        if (!_isDown)
        {
            Note("kill subscriptions");
            using var operators = await _redis.ConnectAsync();
            await operators.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        }
    }

    private async Task KillOrStartRedisAsync()
    {
        Note(_isDown ? "start Redis" : "kill Redis");
        await (_isDown ? _redis.StartAgainAsync() : _redis.KillAsync());
        _isDown = !_isDown;
    }

    private Task HoldOrReleaseAsync()
    {
        var node = _random.Next(2);
        if (_held.Remove(node))
        {
            Note($"release node {node}");
            _ways[node].Release();
        }
        else if (_held.Count == 0)
        {
            Note($"hold node {node}");
            _held.Add(node);
            _ways[node].Hold();
        }

        return Task.CompletedTask;
    }

    private int FreeNode() => _held.Count == 0 ? _random.Next(2) : 1 - _held.Single();

    private async Task<bool> ChangeAccessAsync(string channel, bool isLock, bool isOn, int node)
    {
        Note($"{(isLock ? "lock" : "grant")} of {channel} {(isOn ? "on" : "off")} at node {node}");
        if (isOn != isLock)
        {
            // Even a refused change may let a client in.
            EndForbidding(channel);
        }

        var state = isLock ? _locks : _grants;
        state[channel] = null;
        var path = (isLock, isOn) switch { (true, true) => "/api/lock", (true, false) => "/api/unlock", (false, true) => "/api/grant", _ => "/api/revoke" };
        var target = isLock ? "" : $",\"target\":\"{Granted}\"";
        var answer = await _nodes[node].PostAsync(path, $"{{\"channel\":\"{channel}\"{target}}}", _token);
        Assert.That(answer.Status, Is.EqualTo(200).Or.EqualTo(503), Because($"{path} at node {node}: {answer.Body}"));
        CountRefusal(answer.Status);
        state[channel] = answer.Status == 200 ? isOn : null;
        return answer.Status == 200;
    }

    private void CountRefusal(int status) => Interlocked.Add(ref _refused, status == 200 ? 0 : 1);
}
