using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Cluster.Maps;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State.Redis;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Doubles;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The part of a node that joins it to the others: bus and engine, with doubles instead of hub and connections.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private static readonly ChannelOptions Expiring = new() { SubscriptionType = SubscriptionType.Map, Map = new() { KeyTtl = TimeSpan.FromSeconds(1) } };

    private readonly BrokerMetrics _metrics = new();
    private readonly MapExpiry _expiry;
    private readonly RunningLog _log = new();

    /// <param name="addresses">Of Redis.</param>
    public RunningNode(params RedisAddress[] addresses)
        : this(new RecordingReceiver(), addresses)
    {
    }

    /// <param name="receiver">In the place of a hub.</param>
    /// <param name="addresses">Of Redis.</param>
    public RunningNode(IChannelReceiver receiver, params RedisAddress[] addresses)
    {
        Deliveries = receiver as RecordingReceiver ?? new RecordingReceiver();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        Bus = new RedisNodeBus(
            new(Guid.NewGuid(), addresses, RedisKeys.TrackedPrefixes(addresses[0])), receiver, Orders, Feed, _metrics, TimeProvider.System, new(loggers.CreateLogger<RedisOutages>()), loggers.CreateLogger<RedisNodeBus>());
        Engine = new RedisChannelEngine(Bus.Shards);
        Maps = new RedisMapEngine(Bus.Shards, new(), TimeProvider.System);
        _expiry = new MapExpiry(Bus.Shards, receiver, TestNamespaces.Of(("map", Expiring)), new(), TimeProvider.System, loggers.CreateLogger<MapExpiry>());
    }

    public RecordingReceiver Deliveries { get; }

    public RecordingOrders Orders { get; } = new();

    public RedisChangeFeed Feed { get; } = new();

    public RedisNodeBus Bus { get; }

    public RedisChannelEngine Engine { get; }

    public RedisMapEngine Maps { get; }

    public IReadOnlyCollection<string> Warnings => _log.Warnings;

    public IReadOnlyCollection<string> Errors => _log.Errors;

    /// <summary>Has it look after the keys of maps that expire, until it is disposed of.</summary>
    public void StartExpiry() => Assert.That(_expiry.StartAsync(default).IsCompletedSuccessfully);

    /// <summary>Publishes as text, without history.</summary>
    public ValueTask<PublishResult> PublishAsync(ChannelName channel, string text, HistoryOptions history = default) =>
        Engine.PublishAsync(channel, new() { Publication = new(text.Utf8()), History = history });

    public async ValueTask DisposeAsync()
    {
        await _expiry.StopAsync(default);
        await Bus.DisposeAsync();
        _expiry.Dispose();
        _metrics.Dispose();
        _log.Dispose();
    }
}
