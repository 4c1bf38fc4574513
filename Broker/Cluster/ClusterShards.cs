using System.Diagnostics;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Cluster;

/// <summary>The primaries of a Redis Cluster. Each channel's keys have one slot, and each slot is at one primary, until it moves.</summary>
/// <remarks>
/// A channel is subscribed at its own primary, and its publications stay there; before Redis 7 they reach every server. A channel whose slot moves
/// is subscribed again at the other primary, and its subscribers are notified of the interruption.
/// </remarks>
internal sealed partial class ClusterShards : IRedisShards
{
    private const int MaxRedirections = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(250);

    // Until the map shows a server that another one has named, or until the keys of a channel, which are being moved, are all in one place.
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

    // Replaced as a whole, by the loop only.
    private ClusterMap _map;

    /// <param name="address">Some of the servers.</param>
    /// <param name="make">Makes the connections to one server.</param>
    /// <param name="changed">Called when channels have moved; does not wait.</param>
    /// <param name="feed">Gets changes from all servers, because keys move.</param>
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

    // The hash tag of all of its keys.
    public RedisShard OfStore => Volatile.Read(ref _map).Slots[ChannelHash.SlotOf("clawevents")];

    public void Start() => _running = RunAsync();

    public RedisShard Of(ChannelName channel) => Volatile.Read(ref _map).Of(channel);

    public ValueTask<RespValue> AskAsync(ChannelName channel, ReadOnlyMemory<byte> command) => AskAsync(channel, command, isPublication: false);

    public ValueTask<RespValue> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> command) => AskAsync(channel, command, isPublication: true);

    public ValueTask<RespValue> AskAboutOrdersAsync(ReadOnlyMemory<byte> command) => AskAsync(null, command, isPublication: false);

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

    // Null: orders.
    private async ValueTask<RespValue> AskAsync(ChannelName? channel, ReadOnlyMemory<byte> command, bool isPublication)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            while (true)
            {
                if (await TryAskAsync(channel is null ? OfOrders : Of(channel), command, isPublication) is { } answer)
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

    // Null: nothing was done, and the caller tries again.
    private async ValueTask<RespValue?> TryAskAsync(RedisShard shard, ReadOnlyMemory<byte> command, bool isPublication)
    {
        var answer = await shard.Client.AskAsync(command);
        for (var i = 0; i < MaxRedirections && answer.Kind is RespKind.Error; i++)
        {
            _wake.Writer.TryWrite(true);
            if (Volatile.Read(ref _map).Find(answer.ToString(), shard) is not { } next)
            {
                return null;
            }

            shard = next;
            answer = await (RespError.IsMoving(answer)
                ? next.Client.AskAfterRedirectionAsync(isPublication ? EngineCommands.Redirect(command.Span) : command)
                : next.Client.AskAsync(command));
        }

        return answer.Kind is RespKind.Error ? null : answer;
    }

    private RedisShard Make(RedisEndpoint endpoint)
    {
        var shard = _make(new FixedLocator(endpoint), AskAsync);
        shard.Home.Refused = () => _wake.Writer.TryWrite(true);
        return shard;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await UpdateMapAsync(ClusterSlots.Read(await AskAnyAsync()));
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException or InvalidDataException)
            {
                // The shards report their own outage; the known map stays.
                Log.Unknown(_logger, exception.Message);
            }

            await Task.Delay(LeastInterval, _stop.Token);
            await WakeAsync();
        }
    }

    // While a server is unavailable, another one may replace it at any moment.
    private async Task WakeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(All.All(shard => shard.Client.IsConnected) ? Interval : LeastInterval);
        Task waking = _wake.Reader.WaitToReadAsync(limit.Token).AsTask();
        await waking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _wake.Reader.TryRead(out _);
        _stop.Token.ThrowIfCancellationRequested();
    }

    // Another server each time: one that was separated from the others has an old map.
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

        throw new StoreUnavailableException($"no server of the {_address} knows its slots: {fault!.Message}", fault);
    }

    // A server without a connection to most of the others reports that the cluster fails; so do all when a slot has no primary, and then the map stays.
    private async Task<RespValue> AskAsync(RedisEndpoint endpoint)
    {
        await using var connection = await RedisDial.OpenAnyAsync(_address, endpoint, _address.Password, pushes: null, _stop.Token);
        var (state, slots) = (connection.AskAsync(StateQuestion), connection.AskAsync(SlotsQuestion));
        var told = await state;
        return told.Kind is RespKind.Error || told.ToString().Contains("cluster_state:ok", StringComparison.Ordinal)
            ? await slots
            : throw new StoreUnavailableException($"{endpoint} reports that the cluster is down");
    }

    private async Task UpdateMapAsync(IReadOnlyList<ClusterSlots> ranges)
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
