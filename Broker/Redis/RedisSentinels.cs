using ClawEvents.Broker.Faults;
using StackExchange.Redis;

namespace ClawEvents.Broker.Redis;

/// <summary>Asks Sentinels for the primary, and listens to them for changes.</summary>
/// <remarks>
/// Thread-safe. https://redis.io/docs/latest/develop/reference/sentinel-clients/ A primary that is separated from the Sentinels, but not from us,
/// would accept changes that are lost later; so the message of one Sentinel is enough to leave it.
/// The library could follow the primary by itself; but then our own connection would not move with it.
/// </remarks>
internal sealed partial class RedisSentinels : IRedisLocator, IAsyncDisposable
{
    private readonly RedisAddress _address;
    private readonly ILogger _logger;
    private readonly Task<ConnectionMultiplexer> _connecting;
    private Located? _located;

    public RedisSentinels(RedisAddress address, ILogger logger)
    {
        _address = address;
        _logger = logger;
        _connecting = ConnectAsync();
    }

    public event Action? Moved;

    /// <inheritdoc/>
    /// <remarks>Asks one Sentinel after another, until one knows.</remarks>
    public async ValueTask<RedisEndpoint> LocateAsync(CancellationToken cancellation = default)
    {
        foreach (var sentinel in (await _connecting.WaitAsync(cancellation)).GetServers())
        {
            if (await AskAsync(sentinel) is { } primary)
            {
                Volatile.Write(ref _located, new(primary));
                return primary;
            }
        }

        throw new StoreUnavailableException($"no Sentinel ({_address}) knows the primary");
    }

    public async ValueTask DisposeAsync()
    {
        var sentinels = await _connecting;
        await sentinels.CloseAsync(allowCommandsToComplete: false);
        await sentinels.DisposeAsync();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var sentinels = await ConnectionMultiplexer.SentinelConnectAsync(RedisOptions.OfSentinels(_address));
        sentinels.ConnectionRestored += (_, _) => _ = FollowAsync();
        try
        {
            await sentinels.GetSubscriber().SubscribeAsync(RedisChannel.Literal("+switch-master"), (_, message) => OnSwitch((string?)message));
        }
        catch (Exception exception) when (RedisErrors.IsOutage(exception))
        {
            // The library keeps the subscription for the next connection.
            Log.NotAnswering(_logger, _address.ToString(), exception.Message);
        }

        return sentinels;
    }

    private async Task<RedisEndpoint?> AskAsync(IServer sentinel)
    {
        try
        {
            return sentinel.IsConnected
                ? RedisEndpoint.Of(await sentinel.SentinelGetMasterAddressByNameAsync(_address.MasterName).WaitAsync(_address.AnswerLimit))
                : null;
        }
        catch (Exception exception) when (RedisErrors.IsOutage(exception))
        {
            Log.NotAnswering(_logger, $"{RedisEndpoint.Of(sentinel.EndPoint)}", exception.Message);
            return null;
        }
    }

    // NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT
    private void OnSwitch(string? message)
    {
        if (message?.Split(' ') is [var name, _, _, var host, var port] && name == _address.MasterName)
        {
            Log.Moved(_logger, name, $"{host}:{port}");
            Moved?.Invoke();
        }
    }

    // The primary may have moved while no Sentinel was connected.
    private async Task FollowAsync()
    {
        try
        {
            if (Volatile.Read(ref _located) is { } before && await LocateAsync() != before.Endpoint)
            {
                Moved?.Invoke();
            }
        }
        catch (StoreUnavailableException exception)
        {
            Log.NotAnswering(_logger, _address.ToString(), exception.Message);
        }
    }

    private sealed record Located(RedisEndpoint Endpoint);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The Sentinel at {Sentinel} does not know the primary: {Fault}")]
        public static partial void NotAnswering(ILogger logger, string sentinel, string fault);

        [LoggerMessage(2, LogLevel.Warning, "The primary of {Master} is now {Endpoint}.")]
        public static partial void Moved(ILogger logger, string master, string endpoint);
    }
}
