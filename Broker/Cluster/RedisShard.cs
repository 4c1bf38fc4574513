using ClawEvents.Broker.Cluster.Bus;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Cluster.Maps;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.Cluster;

/// <summary>One server with some of the channels: a connection for commands and one that hears.</summary>
internal sealed partial class RedisShard : IAsyncDisposable
{
    private readonly RedisAddress _address;
    private readonly IRedisLocator _locator;
    private readonly RedisConnection _connection;
    private readonly RedisEndpoint? _server;
    private readonly ILogger _logger;
    private RedisMemory _memory;
    private bool _isEvictionLogged;

    /// <param name="locator">Finds the server that is heard.</param>
    /// <param name="connection">Of a cluster, or of this server alone: then it is the shard's.</param>
    /// <param name="server">Its address in the cluster; null: it is not in one.</param>
    /// <param name="subscriptions">Those of all servers.</param>
    /// <param name="workers">Get the publications.</param>
    /// <param name="ask">Asks about a channel that may have moved to another server. Null: channels do not move.</param>
    /// <param name="trackedPrefixes">See <see cref="BusListener"/>.</param>
    public RedisShard(
        RedisAddress address,
        IRedisLocator locator,
        RedisConnection connection,
        RedisEndpoint? server,
        BusSubscriptions subscriptions,
        BusWorkers workers,
        AskAboutChannel? ask,
        IReadOnlyList<string> trackedPrefixes,
        RedisOutages outages,
        ILogger logger)
    {
        _address = address;
        _logger = logger;
        _locator = locator;
        _connection = connection;
        _server = server;
        Home = new BusHome(new BusNames(address.Database, address.KeyPrefix));
        Commands = new EngineCommands(Home.Names, isInCluster: server is not null);
        MapCommands = new MapCommands(Home.Names, isInCluster: server is not null);
        Memory = new RedisMemoryWatch(() => connection.AskServerAsync(server, redis => redis.InfoRawAsync("memory")), LogMemory);
        Listener = new BusListener(address, locator, subscriptions, Home, workers, ask ?? ((_, command) => AskAsync(command)), trackedPrefixes, outages, logger);
        locator.Moved += Follow;
        connection.Demoted += Listener.Renew;
        connection.Renewed += ReadMemory;
        connection.Outage += OnOutage;
        if (server is null)
        {
            connection.Refused += Memory.OnRefused;
        }
    }

    public BusHome Home { get; }

    public EngineCommands Commands { get; }

    public MapCommands MapCommands { get; }

    public BusListener Listener { get; }

    /// <inheritdoc cref="RedisAddress.AnswerLimit"/>
    public TimeSpan AnswerLimit => _address.AnswerLimit;

    /// <summary>Whether the server accepts changes.</summary>
    public RedisMemoryWatch Memory { get; }

    /// <summary>Sends a command to this server alone, or to the one of the cluster that has its key, as it is known.</summary>
    /// <inheritdoc cref="RedisConnection.AskAsync(RedisCall)"/>
    public async ValueTask<RedisResult> AskAsync(RedisCall command) => await _connection.AskAsync(command);

    /// <summary>Returns the fault, for the operator; null when the server works. Takes little more than <see cref="AnswerLimit"/>.</summary>
    public async Task<string?> FindFaultAsync()
    {
        var (commands, messages) = (_connection.FindFaultAsync(_server), Listener.FindFaultAsync());
        return await commands ?? await messages;
    }

    public async ValueTask DisposeAsync()
    {
        _locator.Moved -= Follow;
        _connection.Demoted -= Listener.Renew;
        _connection.Renewed -= ReadMemory;
        _connection.Outage -= OnOutage;
        await Listener.DisposeAsync();
        if (_server is null)
        {
            _connection.Refused -= Memory.OnRefused;
            await _connection.DisposeAsync();
        }
    }

    private void Follow() => Listener.Renew($"Redis ({_address}) has moved");

    // So that a policy that removes keys is reported at the start, and when the server comes back with another one.
    private void ReadMemory() => _ = Memory.FindAsync().AsTask();

    private void OnOutage(StoreUnavailableException? outage)
    {
        if (outage is null)
        {
            ReadMemory();
        }
    }

    private void LogMemory(RedisMemory memory)
    {
        if (memory is RedisMemory.Full)
        {
            Log.Full(_logger, _address.ToString());
        }
        else if (_memory is RedisMemory.Full)
        {
            Log.HasRoom(_logger, _address.ToString());
        }

        if (memory is RedisMemory.Evicting && !_isEvictionLogged)
        {
            _isEvictionLogged = true;
            Log.Evicts(_logger, _address.ToString());
        }

        _memory = memory;
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "Redis ({Address}) is out of memory and refuses changes. Free memory there, or raise its maxmemory.")]
        public static partial void Full(ILogger logger, string address);

        [LoggerMessage(12, LogLevel.Information, "Redis ({Address}) has memory again and accepts changes.")]
        public static partial void HasRoom(ILogger logger, string address);

        [LoggerMessage(13, LogLevel.Warning, "Redis ({Address}) removes keys when its memory is full: locks, grants, keys and history can vanish without notice. Set its maxmemory-policy to noeviction.")]
        public static partial void Evicts(ILogger logger, string address);
    }
}
