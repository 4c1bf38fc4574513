using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis.Resp;

namespace ClawEvents.Broker.Redis;

/// <summary>Sends commands and scripts to one Redis server, over a connection that is kept open.</summary>
/// <remarks>Thread-safe. Every command ends in less than two seconds.</remarks>
internal sealed class RedisClient : IAsyncDisposable
{
    private static readonly byte[] Ping = RespWriting.Command("PING");

    private readonly KeptConnection _kept;
    private readonly IReadOnlyList<byte[]> _scriptLoads;
    private readonly Action<string>? _demoted;

    /// <param name="address">Has the credentials.</param>
    /// <param name="locator">Finds the server before each connection.</param>
    /// <param name="scriptLoads">Commands that load scripts: sent on each new connection, and again when the server has lost a script.</param>
    /// <param name="demoted">Called when the server is no longer the primary, and the connection was closed. Does not wait.</param>
    /// <param name="memoryChanged">See <see cref="RedisMemoryWatch"/>.</param>
    public RedisClient(
        RedisAddress address, IRedisLocator locator, IReadOnlyList<byte[]> scriptLoads, Action<string>? demoted = null, Action<RedisMemory>? memoryChanged = null)
    {
        Address = address;
        Memory = new RedisMemoryWatch(() => AskAsync(RedisMemoryWatch.Question), memoryChanged);
        _scriptLoads = scriptLoads;
        _demoted = demoted;
        _kept = new KeptConnection(OpenAsync);

        async Task<RespConnection> OpenAsync(CancellationToken cancellation)
        {
            var connection = await RedisDial.OpenAsync(address, await locator.LocateAsync(cancellation), pushes: null, cancellation);

            // A failure does not matter (the server may be loading its data): a missing script is loaded again when it is needed.
            _ = LoadScriptsAsync(connection);
            _ = ReadMemoryAsync(connection);
            return connection;
        }
    }

    public RedisAddress Address { get; }

    /// <summary>Whether the server accepts changes.</summary>
    public RedisMemoryWatch Memory { get; }

    public bool IsConnected => _kept.Current is not null;

    /// <summary>Sends one command and waits for its answer.</summary>
    /// <param name="command">One command, or one script by its hash. It may be sent again, so it must not change until the answer is there.</param>
    /// <returns>The answer; an error only if it says that the key is on another server of a cluster.</returns>
    /// <exception cref="StoreUnavailableException">No answer, or Redis cannot now. The command may or may not have been carried out.</exception>
    /// <exception cref="InvalidDataException">A key holds a value that this broker did not write.</exception>
    public ValueTask<RespValue> AskAsync(ReadOnlyMemory<byte> command) => AskAsync(command, answers: 1);

    /// <summary>Like <see cref="AskAsync(ReadOnlyMemory{byte})"/>, on a server that is just taking the key over from another.</summary>
    public ValueTask<RespValue> AskAfterRedirectionAsync(ReadOnlyMemory<byte> command) => AskAsync((byte[])[.. Asking, .. command.Span], answers: 2);

    /// <summary>Returns the fault, for the operator; null when the server answers. Takes less than two seconds.</summary>
    public async Task<string?> FindFaultAsync()
    {
        try
        {
            await AskAsync(Ping);
            return null;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or InvalidDataException)
        {
            return exception.Message;
        }
    }

    /// <summary>Closes the connection: the server may have become a replica, or have moved.</summary>
    public void Renew(string fault) => _kept.Renew(_kept.Current, fault);

    public ValueTask DisposeAsync() => _kept.DisposeAsync();

    private static ReadOnlySpan<byte> Asking => "*1\r\n$6\r\nASKING\r\n"u8;

    private async ValueTask<RespValue> AskAsync(ReadOnlyMemory<byte> command, int answers)
    {
        var connection = await _kept.GetAsync();
        var answer = await connection.AskAsync(command.Span, answers);
        if (RespError.IsMissingScript(answer))
        {
            // The command was not carried out.
            await LoadScriptsAsync(connection);
            answer = await connection.AskAsync(command.Span, answers);
        }

        return answer.Kind is not RespKind.Error || RespError.IsRedirection(answer) ? answer : throw FailureOf(answer, connection);
    }

    private async Task LoadScriptsAsync(RespConnection connection) =>
        await Task.WhenAll(_scriptLoads.Select(load => connection.AskAsync(load)));

    // So that a policy that removes keys is reported at the start.
    private async Task ReadMemoryAsync(RespConnection connection) => Memory.Read(await connection.AskAsync(RedisMemoryWatch.Question));

    private Exception FailureOf(RespValue error, RespConnection connection)
    {
        if (RespError.IsAboutAValue(error))
        {
            return new InvalidDataException($"a key in Redis ({Address}) holds an unexpected value: {error}");
        }

        if (RespError.IsOutOfMemory(error))
        {
            Memory.OnRefused();
            return RedisMemoryWatch.Refusal(Address);
        }

        if (RespError.IsDemotion(error))
        {
            var fault = $"Redis ({Address}) is no longer the primary";
            _kept.Renew(connection, fault);
            _demoted?.Invoke(fault);
        }

        return new StoreUnavailableException($"Redis ({Address}) cannot be used now: {error}");
    }
}
