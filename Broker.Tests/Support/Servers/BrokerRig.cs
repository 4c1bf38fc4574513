using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Maps;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Revocations;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The broker's rooms, wired as the product wires them, with a clock moved by hand and no socket.</summary>
internal sealed class BrokerRig : IDisposable
{
    private readonly ServiceProvider _provider;

    /// <param name="options">The defaults, if null.</param>
    /// <param name="store">One in memory, if null. The test disposes of its own.</param>
    /// <param name="rpc">Answers calls; none, if null.</param>
    /// <param name="engine">Puts something around the embedded engine.</param>
    /// <param name="maps">The same for the engine of maps.</param>
    public BrokerRig(
        BrokerOptions? options = null, IStateStore? store = null, IEnumerable<IRpcHandler>? rpc = null, Func<IChannelEngine, IChannelEngine>? engine = null, Func<IMapEngine, IMapEngine>? maps = null)
    {
        var services = new ServiceCollection();
        BrokerRooms.Add(services, options ?? new BrokerOptions(), new SigningSecret(TestToken.Secret), _ => new InMemoryStateStore(Time));
        services.AddSingleton<TimeProvider>(Time).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        foreach (var handler in rpc ?? [])
        {
            services.AddSingleton(handler);
        }

        if (store is not null)
        {
            services.AddSingleton(store);
        }

        if (engine is not null)
        {
            services.AddSingleton(provider => new MemoryChannelEngine(provider.GetRequiredService<IChannelReceiver>(), Time));
            services.AddSingleton(provider => engine(provider.GetRequiredService<MemoryChannelEngine>()));
        }

        if (maps is not null)
        {
            services.AddSingleton(provider => new MemoryMapEngine(provider.GetRequiredService<IChannelReceiver>(), new(), Time));
            services.AddSingleton(provider => maps(provider.GetRequiredService<MemoryMapEngine>()));
        }

        _provider = services.BuildServiceProvider();
    }

    public ManualTimeProvider Time { get; } = new();

    public IStateStore Store => Get<IStateStore>();

    public ChannelHub Hub => Get<ChannelHub>();

    public IChannelEngine Engine => Get<IChannelEngine>();

    public IMapEngine Maps => Get<IMapEngine>();

    public ChannelResolver Channels => Get<ChannelResolver>();

    public ChannelPublisher Publisher => Get<ChannelPublisher>();

    public ActivityRecorder Activity => Get<ActivityRecorder>();

    public SubscriptionSweeper Sweeper => Get<SubscriptionSweeper>();

    public ConnectionServices Services => Get<ConnectionServices>();

    public IMessageHandler Handler => Get<IMessageHandler>();

    public OpenConnections Connections => Get<OpenConnections>();

    public ServerSubscriptions Subscriptions => Get<ServerSubscriptions>();

    public IConnectionControl Control => Get<LocalConnectionControl>();

    /// <summary>The number of entries in the timer wheel.</summary>
    public int Waiting => Get<TimerWheel>().Snapshot().Count;

    /// <summary>Publishes to a channel as the broker itself does.</summary>
    public void Publish(string channel, string data, PublishOptions? wishes = null, IReadOnlyDictionary<string, string>? tags = null)
    {
        var publishing = Publisher.PublishAsGivenAsync(Channels.Resolve(TestChannel.Named(channel)), new(data.Utf8(), Tags: tags), wishes);
        Assert.That(publishing.IsCompletedSuccessfully, Is.True, "The embedded engine answers before it returns.");
    }

    /// <summary>The epoch of a channel with history.</summary>
    public string EpochOf(string channel) =>
        Engine.ReadHistoryAsync(TestChannel.Named(channel), HistoryFilter.Position, TimeSpan.FromDays(1)).AsTask().Result.Top.Epoch;

    /// <summary>All parts.</summary>
    public IServiceProvider Provider => _provider;

    public void Dispose() => _provider.Dispose();

    /// <summary>Any part, as the product wires it.</summary>
    public T Get<T>()
        where T : notnull => _provider.GetRequiredService<T>();
}
