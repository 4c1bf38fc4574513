using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Redis;

/// <summary>Asks Sentinels for the primary, and listens to one of them for changes.</summary>
/// <remarks>
/// Thread-safe. https://redis.io/docs/latest/develop/reference/sentinel-clients/ A primary that is separated from the Sentinels, but not from us,
/// would accept changes that are lost later; so the message of one Sentinel is enough to leave it.
/// </remarks>
internal sealed partial class SentinelLocator : IRedisLocator, IRespPushes, IAsyncDisposable
{
    private readonly RedisAddress _address;
    private readonly ILogger _logger;
    private readonly byte[] _question;
    private readonly KeptConnection _watch;

    // The Sentinel that answered last, which is asked first next time.
    private int _first;
    private Located? _located;

    public SentinelLocator(RedisAddress address, ILogger logger)
    {
        _address = address;
        _logger = logger;
        _question = RespWriting.Command("SENTINEL", "get-master-addr-by-name", address.MasterName);
        _watch = new KeptConnection(WatchAsync);
    }

    public event Action? Moved;

    /// <inheritdoc/>
    /// <remarks>Asks one Sentinel after another, until one knows.</remarks>
    public async ValueTask<RedisEndpoint> LocateAsync(CancellationToken cancellation = default)
    {
        for (var i = 0; i < _address.Endpoints.Count; i++)
        {
            var sentinel = (Volatile.Read(ref _first) + i) % _address.Endpoints.Count;
            try
            {
                await using var connection = await RedisDial.OpenAnyAsync(_address, _address.Endpoints[sentinel], _address.SentinelPassword, pushes: null, cancellation);
                if (ReadEndpoint(await connection.AskAsync(_question)) is { } primary)
                {
                    Volatile.Write(ref _first, sentinel);
                    Volatile.Write(ref _located, new(primary));
                    return primary;
                }
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException or InvalidDataException)
            {
                Log.NotAnswering(_logger, _address.Endpoints[sentinel].ToString(), exception.Message);
            }
        }

        throw new StoreUnavailableException($"no Sentinel ({_address}) knows the primary");
    }

    /// <summary>Handles the message of a Sentinel: <c>+switch-master NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT</c>.</summary>
    public ValueTask OnPushAsync(ReadOnlyMemory<byte> frame)
    {
        if (new RespReader(frame.Span).Read() is { Kind: RespKind.Push } push
            && push.Items is [var kind, _, var text]
            && kind.ToString() is "message"
            && text.ToString().Split(' ') is [var name, _, _, var host, var port]
            && name == _address.MasterName)
        {
            Log.Moved(_logger, _address.MasterName, $"{host}:{port}");
            Moved?.Invoke();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _watch.DisposeAsync();

    private async Task<RespConnection> WatchAsync(CancellationToken cancellation)
    {
        Exception? fault = null;
        foreach (var sentinel in _address.Endpoints)
        {
            try
            {
                return await WatchAsync(sentinel, cancellation);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or StoreRefusedException or InvalidDataException)
            {
                fault = exception;
            }
        }

        throw new StoreUnavailableException($"no Sentinel ({_address}) can be listened to", fault!);
    }

    // The primary may have moved while no Sentinel was connected.
    private async Task<RespConnection> WatchAsync(RedisEndpoint sentinel, CancellationToken cancellation)
    {
        var connection = await RedisDial.OpenAnyAsync(_address, sentinel, _address.SentinelPassword, this, cancellation);
        try
        {
            connection.Send(RespWriting.Command("SUBSCRIBE", "+switch-master"));
            if (ReadEndpoint(await connection.AskAsync(_question)) is { } primary && Volatile.Read(ref _located) is { } located && located.Endpoint != primary)
            {
                Moved?.Invoke();
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static RedisEndpoint? ReadEndpoint(RespValue answer) =>
        answer.Kind is RespKind.Items && answer.Items is [var host, var port] ? new(host.ToString(), (int)port.ToNumber()) : null;

    private sealed record Located(RedisEndpoint Endpoint);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The Sentinel at {Sentinel} does not know the primary: {Fault}")]
        public static partial void NotAnswering(ILogger logger, string sentinel, string fault);

        [LoggerMessage(2, LogLevel.Warning, "The primary of {Master} is now {Endpoint}.")]
        public static partial void Moved(ILogger logger, string master, string endpoint);
    }
}
