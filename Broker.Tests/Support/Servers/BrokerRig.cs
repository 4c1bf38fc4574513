using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The broker's services put together by hand, with a clock moved by hand and no socket.</summary>
internal sealed class BrokerRig : IDisposable
{
    private readonly TimerWheel _wheel;
    private readonly BrokerMetrics _metrics = new();
    private readonly MemoryChannelEngine _memory;
    private readonly ProxySender _sender;

    /// <param name="options">The defaults, if null.</param>
    /// <param name="store">One in memory, if null.</param>
    /// <param name="rpc">Nobody, if null.</param>
    /// <param name="engine">Puts something around the embedded engine.</param>
    public BrokerRig(BrokerOptions? options = null, IStateStore? store = null, IEnumerable<IRpcHandler>? rpc = null, Func<IChannelEngine, IChannelEngine>? engine = null)
    {
        var settings = options ?? new BrokerOptions();
        var secret = new SigningSecret(TestToken.Secret);
        Store = store ?? new InMemoryStateStore(Time);
        var verifier = new ClientTokenVerifier(settings.ClientTokens, new TokenKeys(settings.ClientTokens, secret, published: null, Time), Time);
        var tokens = new ConnectionTokens(verifier, Store);
        var subscriptionTokens = new SubscriptionTokens(verifier, Time);
        var channels = new ChannelNames(settings.MaxChannelBytes);
        var permissions = new ChannelPermissions(Store, settings.Namespaces, settings.Insecure);
        Hub = new ChannelHub(_metrics);
        _memory = new MemoryChannelEngine(Hub, Time);
        Engine = engine?.Invoke(_memory) ?? _memory;
        var attendance = new Attendance(Engine, NullLogger<Attendance>.Instance);
        var opening = new SubscriptionOpening(Engine, attendance, Time);
        Activity = new ActivityRecorder(Store, Time, NullLogger<ActivityRecorder>.Instance);
        Publisher = new ChannelPublisher(Engine, Store, permissions, new AdvertisedSchemas(Store), Activity, Time, settings);
        Sweeper = new SubscriptionSweeper(Hub, permissions, Time, NullLogger<SubscriptionSweeper>.Instance);
        _wheel = new TimerWheel(Time);
        Connections = new OpenConnections(_wheel);
        Subscriptions = new ServerSubscriptions(channels, settings.Namespaces, permissions, opening);
        Control = new LocalConnectionControl(Connections, Subscriptions, channels, Time);
        _sender = new ProxySender(Time);
        var backEnds = new BackEnds(_sender, _metrics, Time, NullLogger<BackEnds>.Instance);
        var renewal = new Renewal(backEnds, settings, Time, NullLogger<Renewal>.Instance);
        var authentication = new Authentication(settings, tokens, backEnds, Time);
        var opened = new ConnectSubscriptions(channels, settings.Namespaces, permissions, opening);
        Handler = new CommandDispatcher(
            new ConnectHandler(settings, authentication, opened, Connections, Control, new NodeIdentity(), Time),
            new SubscribeHandler(channels, settings.Namespaces, permissions, new SubscribeAccess(permissions, subscriptionTokens, backEnds, settings), opening),
            new UnsubscribeHandler(channels),
            new PublishHandler(channels, Publisher, new ProxiedPublishing(backEnds, Publisher, settings)),
            new RefreshHandler(tokens, renewal, Time),
            new SubRefreshHandler(channels, subscriptionTokens, renewal, Time),
            new HistoryHandler(channels, settings.Namespaces, permissions, Engine),
            new PresenceHandler(channels, settings.Namespaces, permissions, Engine),
            new RpcDispatcher(rpc ?? []),
            NullLogger<CommandDispatcher>.Instance);
        var positions = new PositionWatch(Engine, settings.Namespaces, NullLogger<PositionWatch>.Instance);
        Services = new ConnectionServices(settings, Hub, new LoopbackNodeBus(), Connections, attendance, positions, renewal, _wheel, _metrics, Time, NullLogger<ClientConnection>.Instance);
    }

    public ManualTimeProvider Time { get; } = new();

    public IStateStore Store { get; }

    public ChannelHub Hub { get; }

    public IChannelEngine Engine { get; }

    public ChannelPublisher Publisher { get; }

    public ActivityRecorder Activity { get; }

    public SubscriptionSweeper Sweeper { get; }

    public ConnectionServices Services { get; }

    public IMessageHandler Handler { get; }

    public OpenConnections Connections { get; }

    public ServerSubscriptions Subscriptions { get; }

    public IConnectionControl Control { get; }

    /// <summary>Connections and others that wait for a moment to come.</summary>
    public int Waiting => _wheel.Snapshot().Count;

    /// <summary>Publishes to a channel as the broker itself does.</summary>
    public void Publish(string channel, string data, PublishOptions? extras = null)
    {
        var publishing = Publisher.PublishAsGivenAsync(TestChannel.Named(channel), data.Utf8(), extras);
        Assert.That(publishing.IsCompletedSuccessfully, Is.True, "The embedded engine answers before it returns.");
    }

    /// <summary>Of a channel with history.</summary>
    public string EpochOf(string channel) =>
        Engine.ReadHistoryAsync(TestChannel.Named(channel), HistoryFilter.Position, TimeSpan.FromDays(1)).AsTask().Result.Top.Epoch;

    public void Dispose()
    {
        Sweeper.Dispose();
        _wheel.Dispose();
        _sender.Dispose();
        _memory.Dispose();
        Activity.Dispose();
        _metrics.Dispose();
    }
}
