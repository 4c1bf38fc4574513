using System.Collections.Immutable;
using System.Globalization;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Resp;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Cluster;

/// <summary>The primaries of a Redis Cluster. Each channel's keys have one slot, and each slot is at one primary, until it moves.</summary>
/// <remarks>
/// What is published at one server is heard at every server of a cluster. A channel is subscribed to at its own primary all the same: there its
/// messages come in without a detour over the cluster's inner connections, whose loss nobody would notice. A channel whose slot moves
/// stays subscribed where it is, until that connection is lost.
/// </remarks>
internal sealed partial class ClusterShards : IRedisShards
{
    private const int MaxRedirections = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(250);
    private static readonly byte[] Question = RespWriting.Command("CLUSTER", "SLOTS");

    private readonly RedisAddress _address;
    private readonly Func<RedisAddress, IRedisLocator, IReadOnlyList<string>?, RedisShard> _make;
    private readonly RedisChangeFeed _feed;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    // Replaced as a whole by the one loop that runs.
    private Map _map;

    /// <param name="address">Some of the servers.</param>
    /// <param name="make">Makes the connections to one of them.</param>
    /// <param name="feed">Hears of changes at all of them: keys move.</param>
    /// <param name="logger">Is told when servers come and go.</param>
    public ClusterShards(
        RedisAddress address, Func<RedisAddress, IRedisLocator, IReadOnlyList<string>?, RedisShard> make, RedisChangeFeed feed, ILogger logger)
    {
        _address = address;
        _make = make;
        _feed = feed;
        _logger = logger;

        // Until a server has said more, the first one is asked for everything: it says where else to go.
        var first = Make(address.Endpoint);
        _map = new([.. Enumerable.Repeat(first, ChannelHash.Slots)], ImmutableDictionary<RedisEndpoint, RedisShard>.Empty.Add(address.Endpoint, first));
        feed.Follow([first.Listener]);
        _running = RunAsync();
    }

    public IReadOnlyList<RedisShard> All => [.. Volatile.Read(ref _map).Shards.Values];

    public RedisShard OfOrders => Volatile.Read(ref _map).Slots[ChannelHash.SlotOf("clawevents:orders:0")];

    public RedisShard Of(ChannelName channel) => Volatile.Read(ref _map).Slots[ChannelKeys.SlotOf(channel)];

    public async ValueTask<RespValue> AskAsync(ChannelName channel, ReadOnlyMemory<byte> command)
    {
        try
        {
            var shard = Of(channel);
            for (var i = 0; i < MaxRedirections; i++)
            {
                var answer = await shard.Client.AskAsync(command);
                if (answer.Kind is not RespKind.Error)
                {
                    return answer;
                }

                _wake.Writer.TryWrite(true);
                if (Find(answer.ToString(), shard) is not { } next)
                {
                    break;
                }

                if (RespError.IsMoving(answer))
                {
                    return await next.Client.AskAfterRedirectionAsync(command);
                }

                shard = next;
            }

            throw new StoreUnavailableException($"the servers of the {_address} are changing");
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

    private RedisShard Make(RedisEndpoint endpoint) => _make(_address, new FixedLocator(endpoint), null);

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

    private async Task WakeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(Interval);
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
                await using var connection = await RedisDial.OpenAnyAsync(_address, endpoint, _address.Password, pushes: null, _stop.Token);
                return (await connection.AskAsync(Question), endpoint);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException)
            {
                fault = exception;
            }
        }

        throw new StoreUnavailableException($"no server of the {_address} says where its slots are", fault!);
    }

    private async Task TakeAsync(IReadOnlyList<ClusterSlots> ranges)
    {
        var old = _map;
        var shards = ranges.Select(range => range.Primary).Distinct()
            .ToImmutableDictionary(primary => primary, primary => old.Shards.TryGetValue(primary, out var known) ? known : Make(primary));
        if (shards.IsEmpty)
        {
            return;
        }

        var slots = old.Slots.Select(shard => shards.ContainsValue(shard) ? shard : shards.Values.First()).ToArray();
        foreach (var range in ranges)
        {
            Array.Fill(slots, shards[range.Primary], range.First, range.Last - range.First + 1);
        }

        Volatile.Write(ref _map, new([.. slots], shards));
        if (!shards.Keys.ToHashSet().SetEquals(old.Shards.Keys))
        {
            Log.Servers(_logger, string.Join(", ", shards.Keys));
            _feed.Follow(shards.Values.Select(shard => shard.Listener));
            foreach (var gone in old.Shards.Values.Except(shards.Values))
            {
                await gone.DisposeAsync();
            }
        }
    }

    // MOVED SLOT HOST:PORT, or ASK SLOT HOST:PORT; no host: the same one's. Null for a server that is not known yet.
    private RedisShard? Find(string answer, RedisShard from)
    {
        var shards = Volatile.Read(ref _map).Shards;
        var place = answer[(answer.LastIndexOf(' ') + 1)..];
        var colon = Math.Max(0, place.LastIndexOf(':'));
        var host = colon > 0 ? place[..colon] : shards.FirstOrDefault(known => known.Value == from).Key.Host;
        return int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? shards.GetValueOrDefault(new(host, port))
            : null;
    }

    /// <param name="Slots">Who has each slot.</param>
    /// <param name="Shards">All of them.</param>
    private sealed record Map(ImmutableArray<RedisShard> Slots, ImmutableDictionary<RedisEndpoint, RedisShard> Shards);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The primaries of the cluster are {Servers}.")]
        public static partial void Servers(ILogger logger, string servers);

        [LoggerMessage(2, LogLevel.Debug, "{Fault}")]
        public static partial void Unknown(ILogger logger, string fault);
    }
}
