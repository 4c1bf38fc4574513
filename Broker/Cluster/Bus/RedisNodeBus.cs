using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>The bus between nodes over Redis. docs/explanation/many-nodes.md</summary>
/// <remarks>Thread-safe. It owns the connections for the channels, which the engine uses, too.</remarks>
internal sealed partial class RedisNodeBus : INodeBus, INodeSubscriptions, IAsyncDisposable
{
    /// <summary>How long a channel without listeners stays subscribed.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private readonly BusSubscriptions _subscriptions;
    private readonly BusWorkers _workers;
    private readonly ILogger _logger;
    private readonly OrderSequence _sequence;
    private readonly ITimer _lingering;
    private bool _isDisposed;

    /// <param name="receiver">Gets the publications of subscribed channels.</param>
    /// <param name="orders">Gets the messages of other nodes.</param>
    /// <param name="feed">Gets changes of the store from the listeners.</param>
    public RedisNodeBus(
        RedisBusSettings settings,
        IChannelReceiver receiver,
        INodeOrders orders,
        RedisChangeFeed feed,
        BrokerMetrics metrics,
        TimeProvider time,
        RedisOutages outages,
        ILogger<RedisNodeBus> logger)
    {
        NodeId = settings.NodeId;
        _logger = logger;
        _subscriptions = new BusSubscriptions(channel => (channel is null ? Shards!.OfOrders : Shards!.Of(channel)).Home, time, Linger);
        _sequence = new OrderSequence(
            NodeId, orders, last => Shards!.AskAboutOrdersAsync(OrderCommands.Read(Shards.OfOrders.Home.Names.Orders, last)), metrics, time, logger);
        _workers = new BusWorkers(new BusDelivery(NodeId, receiver, orders, _sequence, Regress, metrics, logger), logger);
        Shards = RedisShards.Make(settings, _subscriptions, _workers, feed, outages, logger);
        _lingering = time.CreateTimer(_ => _subscriptions.LeaveLingering(), null, Linger / 4, Linger / 4);
        _subscriptions.AddOrders(NodeId);
        Shards.Start();
    }

    /// <summary>Unique among all nodes.</summary>
    public Guid NodeId { get; }

    public IRedisShards Shards { get; }

    /// <summary>The channels with local subscribers.</summary>
    public ChannelName[] Channels => _subscriptions.Channels;

    public ValueTask SubscribeAsync(ChannelName channel)
    {
        var confirmation = _subscriptions.AddAsync(channel);
        return confirmation.IsCompletedSuccessfully ? ValueTask.CompletedTask : new(WaitAsync(channel, confirmation));
    }

    public void Unsubscribe(ChannelName channel) => _subscriptions.Remove(channel);

    public async ValueTask SendAsync(NodeMessage message)
    {
        if (message is NodeOrder)
        {
            await SendOrderAsync(message);
        }
        else
        {
            await PublishAsync(names => names.Orders, message);
        }
    }

    public async ValueTask<bool> TrySendAsync(Guid node, NodeMessage message) => await PublishAsync(names => names.OfNode(node), message) > 0 || Shards is ClusterShards;

    public async ValueTask<string?> FindFaultAsync()
    {
        var faults = await Task.WhenAll(Shards.All.Select(shard => shard.FindFaultAsync()));
        return faults.FirstOrDefault(fault => fault is not null);
    }

    public async ValueTask<BusMemory> FindMemoryAsync()
    {
        var all = await Task.WhenAll(Shards.All.Select(shard => shard.Memory.FindAsync().AsTask()));
        return new(Shards.OfStore.Memory.State, all.Max());
    }

    /// <remarks>The container disposes of it once for each interface under which it is registered.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _lingering.DisposeAsync();
        await _sequence.DisposeAsync();
        await Shards.DisposeAsync();
        await _workers.DisposeAsync();
    }

    private async ValueTask SendOrderAsync(NodeMessage message)
    {
        var content = new ArrayBufferWriter<byte>();
        NodeMessageCodec.Write(content, NodeId, message);
        var answer = await Shards.AskAboutOrdersAsync(OrderCommands.Send(Shards.OfOrders.Home.Names.Orders, content.WrittenSpan));
        if (!OrderCommands.WasKept(answer))
        {
            Log.NotKept(_logger);
        }
    }

    // Returns the number of connections to that server that have received it.
    private async ValueTask<long> PublishAsync(Func<BusNames, string> name, NodeMessage message)
    {
        var envelope = new ArrayBufferWriter<byte>();
        NodeEnvelope.WriteHeader(envelope, EnvelopeKind.Order);
        NodeMessageCodec.Write(envelope, NodeId, message);

        // A key, so that a cluster's servers do not change the order: always the same one gets it.
        var answer = await Shards.AskAboutOrdersAsync(RedisCall.Of("PUBLISH", name(Shards.OfOrders.Home.Names), envelope.WrittenSpan.ToArray()));
        return answer.Number();
    }

    private async Task WaitAsync(ChannelName channel, Task confirmation)
    {
        try
        {
            var shard = Shards.Of(channel);
            await shard.Listener.WaitAsync();
            await confirmation.WaitAsync(shard.AnswerLimit);
        }
        catch (TimeoutException exception)
        {
            _subscriptions.Remove(channel);
            throw new StoreUnavailableException("Redis does not confirm a subscription", exception);
        }
        catch (StoreUnavailableException)
        {
            _subscriptions.Remove(channel);
            throw;
        }
    }

    // All subscribers that know the epoch learn that it has ended: from the next publication, or immediately here.
    private void Regress(BusSubscription subscription, string ended, ulong below) =>
        _ = Unattended.RunAsync(() => RegressAsync(subscription, ended, below), _logger, "renew the epoch of a channel");

    private async ValueTask RegressAsync(BusSubscription subscription, string ended, ulong below)
    {
        var channel = subscription.Channel!;
        try
        {
            var top = EngineAnswers.ReadPosition(await Shards.AskAsync(channel, EngineCommands.RenewEpoch(channel, ended, below)));
            if (top?.Epoch != ended)
            {
                Log.Regressed(_logger, channel.Value);
                await _workers.AddInterruptionAsync(subscription, top);
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidDataException)
        {
            // Without a position, no subscriber has reached it: all subscribe again.
            await _workers.AddInterruptionAsync(subscription, null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis has lost the newest publications of {Channel}: its subscribers start again.")]
        public static partial void Regressed(ILogger logger, string channel);

        [LoggerMessage(2, LogLevel.Warning, "Redis cannot keep an order now, because its memory is full or it accepts no changes: a node that does not hear Redis at this moment misses it for good.")]
        public static partial void NotKept(ILogger logger);
    }
}

/// <param name="NodeId">Different for every process.</param>
/// <param name="Addresses">One or more, the same on all nodes.</param>
/// <param name="TrackedPrefixes">Prefixes of the keys that the store caches.</param>
internal sealed record RedisBusSettings(Guid NodeId, IReadOnlyList<RedisAddress> Addresses, IReadOnlyList<string> TrackedPrefixes);
