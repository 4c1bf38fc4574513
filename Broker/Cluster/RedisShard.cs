using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>One server with some of the channels: a connection for commands and one for publications.</summary>
internal sealed class RedisShard : IAsyncDisposable
{
    private readonly IRedisLocator _locator;
    private readonly BusListener? _listener;

    /// <param name="subscriptions">Those of all servers.</param>
    /// <param name="workers">Get the publications.</param>
    /// <param name="ask">Asks about a channel that may have moved to another server. Null: channels do not move.</param>
    /// <param name="trackedPrefixes">See <see cref="BusListener"/>.</param>
    public RedisShard(
        RedisAddress address,
        IRedisLocator locator,
        BusSubscriptions subscriptions,
        BusWorkers workers,
        AskAboutChannel? ask,
        IReadOnlyList<string> trackedPrefixes,
        ILogger logger)
    {
        Home = new BusHome(new BusNames(address.Database));
        Commands = new EngineCommands(Home.Names, isInCluster: address.Kind is RedisKind.Cluster);
        Client = new RedisClient(address, locator, EngineScript.LoadCommands, demoted: LeaveListener);
        _listener = new BusListener(locator, subscriptions, Home, workers, Client, ask ?? ((_, command) => Client.AskAsync(command)), trackedPrefixes, logger);
        _locator = locator;
        locator.Moved += Follow;
    }

    public BusHome Home { get; }

    public EngineCommands Commands { get; }

    public RedisClient Client { get; }

    public BusListener Listener => _listener!;

    /// <summary>Returns the fault, for the operator; null when the server works. Takes less than two seconds.</summary>
    public async Task<string?> FindFaultAsync()
    {
        var (commands, messages) = (Client.FindFaultAsync(), Listener.FindFaultAsync());
        return await commands ?? await messages;
    }

    public async ValueTask DisposeAsync()
    {
        _locator.Moved -= Follow;
        await Listener.DisposeAsync();
        await Client.DisposeAsync();
        if (_locator is IAsyncDisposable locator)
        {
            await locator.DisposeAsync();
        }
    }

    // A replica still sends the primary's publications, but with an unknown delay.
    private void LeaveListener(string fault) => _listener?.Renew(fault);

    private void Follow()
    {
        var fault = $"Redis ({Client.Address}) has moved";
        Client.Renew(fault);
        Listener.Renew(fault);
    }
}
