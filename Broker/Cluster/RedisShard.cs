using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>One server with some of the channels: a connection for commands and one for publications.</summary>
internal sealed partial class RedisShard : IAsyncDisposable
{
    private readonly IRedisLocator _locator;
    private readonly BusListener? _listener;
    private readonly ILogger _logger;
    private RedisMemory _memory;
    private bool _isEvictionLogged;

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
        _logger = logger;
        Home = new BusHome(new BusNames(address.Database));
        Commands = new EngineCommands(Home.Names, isInCluster: address.Kind is RedisKind.Cluster);
        Client = new RedisClient(address, locator, EngineScript.LoadCommands, LeaveListener, LogMemory);
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

    private void LogMemory(RedisMemory memory)
    {
        if (memory is RedisMemory.Full)
        {
            Log.Full(_logger, Client.Address.ToString());
        }
        else if (_memory is RedisMemory.Full)
        {
            Log.HasRoom(_logger, Client.Address.ToString());
        }

        if (memory is RedisMemory.Evicting && !_isEvictionLogged)
        {
            _isEvictionLogged = true;
            Log.Evicts(_logger, Client.Address.ToString());
        }

        _memory = memory;
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "Redis ({Address}) is out of memory and refuses changes. Free memory there, or raise its maxmemory.")]
        public static partial void Full(ILogger logger, string address);

        [LoggerMessage(12, LogLevel.Warning, "Redis ({Address}) has memory again and accepts changes.")]
        public static partial void HasRoom(ILogger logger, string address);

        [LoggerMessage(13, LogLevel.Warning, "Redis ({Address}) removes keys when its memory is full: locks, grants, keys and history can vanish without notice. Set its maxmemory-policy to noeviction.")]
        public static partial void Evicts(ILogger logger, string address);
    }
}
