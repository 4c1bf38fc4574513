using System.Diagnostics;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>The primaries of a Redis Cluster. Each channel's keys have one slot, and each slot is at one primary, until it moves.</summary>
/// <remarks>
/// Commands go through the client library, which finds the primary. A channel is subscribed at its own primary, and its publications stay there; before
/// Redis 7 they reach every server. A channel whose slot moves is subscribed again at the other primary, and its subscribers are notified of the
/// interruption.
/// </remarks>
internal sealed partial class ClusterShards : IRedisShards
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(250);

    // Until the library knows a server that another one has named, or until the keys of a channel, which are being moved, are all in one place.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly RedisAddress _address;
    private readonly RedisConnection _connection;
    private readonly Func<RedisEndpoint, AskAboutChannel, RedisShard> _make;
    private readonly Action _changed;
    private readonly RedisChangeFeed _feed;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    // Replaced as a whole, by the loop only.
    private ClusterMap _map;

    /// <param name="address">Some of the servers.</param>
    /// <param name="connection">To all servers; it is this object's from here on.</param>
    /// <param name="make">Makes the shard of one server.</param>
    /// <param name="changed">Called when channels have moved; does not wait.</param>
    /// <param name="feed">Gets changes from all servers, because keys move.</param>
    public ClusterShards(
        RedisAddress address,
        RedisConnection connection,
        Func<RedisEndpoint, AskAboutChannel, RedisShard> make,
        Action changed,
        RedisChangeFeed feed,
        ILogger logger)
    {
        _address = address;
        _connection = connection;
        _make = make;
        _changed = changed;
        _feed = feed;
        _logger = logger;
        _map = ClusterMap.Of(address.Endpoint, Make(address.Endpoint));
        feed.Follow(All.Select(shard => shard.Listener));
    }

    public IReadOnlyList<RedisShard> All => [.. Volatile.Read(ref _map).Shards.Values];

    public IReadOnlyList<RedisShard> KeySpaces => [OfOrders];

    public RedisShard OfOrders => Volatile.Read(ref _map).Slots[ChannelHash.SlotOf("clawevents:orders:0")];

    // The hash tag of all of its keys.
    public RedisShard OfStore => Volatile.Read(ref _map).Slots[ChannelHash.SlotOf("clawevents")];

    public void Start() => _running = RunAsync();

    public RedisShard Of(ChannelName channel) => Volatile.Read(ref _map).Of(channel);

    public ValueTask<RedisResult> AskAsync(ChannelName channel, RedisCall command) => AskAsync(Of(channel), command, isPublication: false);

    public ValueTask<RedisResult> PublishAsync(ChannelName channel, RedisCall command) => AskAsync(Of(channel), command, isPublication: true);

    public ValueTask<RedisResult> AskAboutOrdersAsync(RedisCall command) => AskAsync(OfOrders, command, isPublication: false);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var shard in All)
        {
            await shard.DisposeAsync();
        }

        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    /// <param name="shard">The server that is likely to get it.</param>
    private async ValueTask<RedisResult> AskAsync(RedisShard shard, RedisCall command, bool isPublication)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            return await AskUntilAsync(begun, command, isPublication);
        }
        catch (StoreUnavailableException exception)
        {
            if (exception.InnerException is RedisServerException refusal && RedisErrors.IsOutOfMemory(refusal))
            {
                shard.Memory.OnRefused();
            }

            _wake.Writer.TryWrite(true);
            throw;
        }
    }

    // The library follows redirections, but not those of a publication: it would reach the server that is taking the slot over, and no subscriber.
    private async Task<RedisResult> AskUntilAsync(long begun, RedisCall command, bool isPublication)
    {
        var (sent, flags) = (command, isPublication ? CommandFlags.NoRedirect : CommandFlags.None);
        while (true)
        {
            var (answer, move) = await _connection.TryAskAsync(sent, flags);
            if (move is null)
            {
                return answer!;
            }

            _wake.Writer.TryWrite(true);
            if (Stopwatch.GetElapsedTime(begun) > Patience)
            {
                throw new StoreUnavailableException($"the servers of the {_address} are changing", move);
            }

            if (isPublication && RedisErrors.IsBeingMoved(move))
            {
                (sent, flags) = (EngineCommands.Redirect(command), CommandFlags.None);
            }
            else
            {
                (sent, flags) = (command, isPublication ? CommandFlags.NoRedirect : CommandFlags.None);
                await Task.Delay(RetryDelay);
            }
        }
    }

    private RedisShard Make(RedisEndpoint endpoint)
    {
        var shard = _make(endpoint, AskAsync);
        shard.Home.Refused = () => _wake.Writer.TryWrite(true);
        return shard;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await UpdateMapAsync(await AskSlotsAsync());
            }
            catch (Exception exception) when (exception is StoreUnavailableException or InvalidDataException)
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
        limit.CancelAfter(All.All(shard => shard.Listener.IsConnected) ? Interval : LeastInterval);
        Task waking = _wake.Reader.WaitToReadAsync(limit.Token).AsTask();
        await waking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _wake.Reader.TryRead(out _);
        _stop.Token.ThrowIfCancellationRequested();
    }

    // A server without a connection to most of the others reports that the cluster fails, and has an old map; so do all when a slot has no primary,
    // and then the map stays. The library learns from the answer, too.
    private Task<ClusterSlots[]> AskSlotsAsync() => _connection.AskAnyAsync(async server =>
    {
        var state = (string?)await server.ExecuteAsync("CLUSTER", "INFO");
        return state?.Contains("cluster_state:ok", StringComparison.Ordinal) is true
            ? SlotsOf(await server.ClusterNodesAsync())
            : throw new StoreUnavailableException($"{server.EndPoint} reports that the cluster is down");
    });

    private static ClusterSlots[] SlotsOf(ClusterConfiguration? configuration) =>
    [
        .. from node in configuration?.Nodes ?? []
           where !node.IsReplica
           let primary = RedisEndpoint.Of(node.EndPoint)
           where primary is not null
           from slots in node.Slots
           select new ClusterSlots(slots.From, slots.To, primary.Value),
    ];

    private async Task UpdateMapAsync(ClusterSlots[] ranges)
    {
        var old = _map;
        var map = old.With(ranges, Make);
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
