using System.Diagnostics;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster;

/// <summary>The primaries of a Redis Cluster. Each channel's keys have one slot, and each slot is at one primary, until it moves.</summary>
/// <remarks>
/// What is published at one server is heard at every server of a cluster. A channel is subscribed to at its own primary all the same: there its
/// messages come in without a detour over the cluster's inner connections, whose loss nobody would notice. A channel whose slot moves
/// is subscribed to anew at the other primary, and its subscribers are told of the interruption.
/// </remarks>
internal sealed partial class ClusterShards : IRedisShards
{
    private const int MaxRedirections = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(250);

    // Until the map shows a server that another one has named, or the keys of a channel, which are on their way, are all in one place.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private static readonly byte[] StateQuestion = RespWriting.Command("CLUSTER", "INFO");
    private static readonly byte[] SlotsQuestion = RespWriting.Command("CLUSTER", "SLOTS");

    private readonly RedisAddress _address;
    private readonly Func<IRedisLocator, AskAboutChannel, RedisShard> _make;
    private readonly Action _changed;
    private readonly RedisChangeFeed _feed;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    // Replaced as a whole by the one loop that runs.
    private ClusterMap _map;

    /// <param name="address">Some of the servers.</param>
    /// <param name="make">Makes the connections to one of them.</param>
    /// <param name="changed">Called when channels have moved; does not wait.</param>
    /// <param name="feed">Hears of changes at all of them: keys move.</param>
    /// <param name="logger">Is told when servers come and go.</param>
    public ClusterShards(RedisAddress address, Func<IRedisLocator, AskAboutChannel, RedisShard> make, Action changed, RedisChangeFeed feed, ILogger logger)
    {
        _address = address;
        _make = make;
        _changed = changed;
        _feed = feed;
        _logger = logger;
        _map = ClusterMap.Of(address.Endpoint, Make(address.Endpoint));
        feed.Follow(All.Select(shard => shard.Listener));
    }

    public IReadOnlyList<RedisShard> All => [.. Volatile.Read(ref _map).Shards.Values];

    public RedisShard OfOrders => Volatile.Read(ref _map).Slots[ChannelHash.SlotOf("clawevents:orders:0")];

    public void Start() => _running = RunAsync();

    public RedisShard Of(ChannelName channel) => Volatile.Read(ref _map).Of(channel);

    public async ValueTask<RespValue> AskAsync(ChannelName channel, ReadOnlyMemory<byte> command)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            while (true)
            {
                if (await TryAskAsync(channel, command) is { } answer)
                {
                    return answer;
                }

                if (Stopwatch.GetElapsedTime(begun) > Patience)
                {
                    throw new StoreUnavailableException($"the servers of the {_address} are changing");
                }

                await Task.Delay(RetryDelay);
            }
        }
        catch (StoreUnavailableException)
        {
            _wake.Writer.TryWrite(true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var shard in All)
        {
            await shard.DisposeAsync();
        }

        _stop.Dispose();
    }

    // Null: nothing was done, and it is to be tried again.
    private async ValueTask<RespValue?> TryAskAsync(ChannelName channel, ReadOnlyMemory<byte> command)
    {
        var shard = Of(channel);
        var answer = await shard.Client.AskAsync(command);
        for (var i = 0; i < MaxRedirections && answer.Kind is RespKind.Error; i++)
        {
            _wake.Writer.TryWrite(true);
            if (Volatile.Read(ref _map).Find(answer.ToString(), shard) is not { } next)
            {
                return null;
            }

            shard = next;
            answer = await (RespError.IsMoving(answer) ? next.Client.AskAfterRedirectionAsync(command) : next.Client.AskAsync(command));
        }

        return answer.Kind is RespKind.Error ? null : answer;
    }

    private RedisShard Make(RedisEndpoint endpoint) => _make(new FixedLocator(endpoint), AskAsync);

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await TakeAsync(ClusterSlots.Read(await AskAnyAsync()));
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException or InvalidDataException)
            {
                // The shards themselves say that they are away; what is known of them stays.
                Log.Unknown(_logger, exception.Message);
            }

            await Task.Delay(LeastInterval, _stop.Token);
            await WakeAsync();
        }
    }

    // While a server is away another one may take its place at any moment.
    private async Task WakeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(All.All(shard => shard.Client.IsConnected) ? Interval : LeastInterval);
        Task waking = _wake.Reader.WaitToReadAsync(limit.Token).AsTask();
        await waking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _wake.Reader.TryRead(out _);
        _stop.Token.ThrowIfCancellationRequested();
    }

    // Another one each time: a server that was cut off from the others knows an old story.
    private async Task<(RespValue Answer, RedisEndpoint From)> AskAnyAsync()
    {
        var endpoints = Volatile.Read(ref _map).Shards.Keys.Concat(_address.Endpoints).Distinct().ToArray();
        Random.Shared.Shuffle(endpoints);
        Exception? fault = null;
        foreach (var endpoint in endpoints)
        {
            try
            {
                return (await AskAsync(endpoint), endpoint);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException)
            {
                fault = exception;
            }
        }

        throw new StoreUnavailableException($"no server of the {_address} says where its slots are: {fault!.Message}", fault);
    }

    // One that does not hear most of the others says that the cluster fails; so do all when nobody has a slot, and then the map stays.
    private async Task<RespValue> AskAsync(RedisEndpoint endpoint)
    {
        await using var connection = await RedisDial.OpenAnyAsync(_address, endpoint, _address.Password, pushes: null, _stop.Token);
        var (state, slots) = (connection.AskAsync(StateQuestion), connection.AskAsync(SlotsQuestion));
        var told = await state;
        return told.Kind is RespKind.Error || told.ToString().Contains("cluster_state:ok", StringComparison.Ordinal)
            ? await slots
            : throw new StoreUnavailableException($"{endpoint} says that the cluster is down");
    }

    private async Task TakeAsync(IReadOnlyList<ClusterSlots> ranges)
    {
        var old = _map;
        var map = ranges.Count == 0 ? old : old.With(ranges, Make);
        if (map.Slots.SequenceEqual(old.Slots))
        {
            return;
        }

        Volatile.Write(ref _map, map);
        var gone = old.Shards.Values.Except(map.Shards.Values).ToArray();
        if (gone.Length > 0 || map.Shards.Count != old.Shards.Count)
        {
            Log.Servers(_logger, string.Join(", ", map.Shards.Keys));
            _feed.Follow(map.Shards.Values.Select(shard => shard.Listener));
        }

        _changed();
        foreach (var shard in gone)
        {
            await shard.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The primaries of the cluster are {Servers}.")]
        public static partial void Servers(ILogger logger, string servers);

        [LoggerMessage(2, LogLevel.Debug, "{Fault}")]
        public static partial void Unknown(ILogger logger, string fault);
    }
}
