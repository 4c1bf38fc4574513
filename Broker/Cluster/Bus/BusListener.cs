using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Cluster.Engine;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Redis.Hearing;

namespace ClawEvents.Broker.Cluster.Bus;

/// <summary>The connection over which a node receives publications from one server, and, from the store's server, changes of its keys.</summary>
/// <remarks>
/// Subscriptions go out in batches; after a loss, one batch waits for the one before, so that a node with a hundred thousand channels
/// does not flood a Redis that has just come back. Then the interrupted channels are checked: their positions are read, and a ping on
/// this connection, sent after that, is answered behind every publication that those positions count. So a subscriber that has not
/// reached the position by then has missed something.
/// </remarks>
internal sealed partial class BusListener : IAsyncDisposable
{
    private const int MaxNamesPerCommand = 500;

    /// <summary>How long silence counts as "nothing has changed".</summary>
    private static readonly TimeSpan HearingLife = TimeSpan.FromSeconds(1);

    // Until the map of the cluster is likely to be a new one.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private static readonly byte[] Ping = RespWriting.Command("PING");
    private static readonly byte[] SubscribeMoving = RespWriting.Command("SUBSCRIBE", BusNames.Moving);

    private readonly BusSubscriptions _subscriptions;
    private readonly BusHome _home;
    private readonly BusWorkers _workers;
    private readonly RedisAddress _address;
    private readonly AskAboutChannel _ask;
    private readonly KeyTracking? _tracking;
    private readonly RedisOutages _outages;
    private readonly ILogger _logger;
    private readonly KeptConnection _kept;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private RespConnection? _tracked;
    private int _generation = 1;
    private int _isRetrying;

    /// <param name="home">The server's part of the subscriptions.</param>
    /// <param name="workers">Get the messages.</param>
    /// <param name="ask">Reads the position of a channel, which may have moved to another server.</param>
    /// <param name="trackedPrefixes">Prefixes of the keys whose changes are reported; empty: none.</param>
    public BusListener(
        RedisAddress address,
        IRedisLocator locator,
        BusSubscriptions subscriptions,
        BusHome home,
        BusWorkers workers,
        AskAboutChannel ask,
        IReadOnlyList<string> trackedPrefixes,
        RedisOutages outages,
        ILogger logger)
    {
        _subscriptions = subscriptions;
        _home = home;
        _workers = workers;
        _address = address;
        _ask = ask;
        _outages = outages;
        _logger = logger;
        _tracking = trackedPrefixes.Count == 0 ? null : new KeyTracking(trackedPrefixes, address.ForcesResp2);
        home.Wake = () => _wake.Writer.TryWrite(true);
        _kept = new KeptConnection(OpenAsync, Lose, outage => outages.Report(address, this, outage));
        _running = RunAsync();

        async Task<RespConnection> OpenAsync(CancellationToken cancellation)
        {
            var connection = await RedisDial.OpenAsync(address, await locator.LocateAsync(cancellation), OnPushAsync, cancellation);
            try
            {
                // A connection of RESP2 that is subscribed to anything answers nothing else.
                var hasShards = await HasShardsAsync(connection);
                await TrackAsync(connection);
                if (address.Kind is RedisKind.Cluster)
                {
                    connection.Send(SubscribeMoving);
                }

                subscriptions.Connect(home, connection, hasShards);
                return connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Raised for each key of the tracked prefixes that has changed.</summary>
    public event Action<string>? Changed;

    /// <summary>See <see cref="State.IChangeFeed"/>.</summary>
    public int Continuity =>
        Volatile.Read(ref _tracked) is { } connection && Stopwatch.GetElapsedTime(connection.HeardUpTo) < HearingLife ? Volatile.Read(ref _generation) : 0;

    /// <summary>Whether the node hears the server.</summary>
    public bool IsConnected => _kept.Current is not null;

    /// <summary>Waits for the connection for a moment, when it was just lost.</summary>
    /// <exception cref="StoreUnavailableException">There is none.</exception>
    public async ValueTask WaitAsync() => await _kept.GetAsync();

    /// <summary>Returns the fault, for the operator; null when the server answers. Takes little more than <see cref="RedisAddress.AnswerLimit"/>.</summary>
    public async Task<string?> FindFaultAsync()
    {
        try
        {
            await (await _kept.GetAsync()).AskAsync(Ping);
            return null;
        }
        catch (StoreUnavailableException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Closes the connection: the server may have become a replica, or have moved.</summary>
    public void Renew(string fault) => _kept.Renew(fault);

    private ValueTask OnPushAsync(ReadOnlyMemory<byte> frame)
    {
        var reader = new RespReader(frame.Span);
        reader.ReadItems();
        var kind = reader.ReadBytes();
        if (kind.SequenceEqual("message"u8) || kind.SequenceEqual("smessage"u8))
        {
            return OnMessageAsync(reader.ReadBytes(), ref reader);
        }

        if (kind.SequenceEqual("subscribe"u8) || kind.SequenceEqual("unsubscribe"u8))
        {
            _subscriptions.Confirm(_home, reader.ReadBytes());
        }
        else if (kind.SequenceEqual("ssubscribe"u8))
        {
            _subscriptions.SetHeld(_home, reader.ReadBytes(), isHeld: true);
        }
        else if (kind.SequenceEqual("sunsubscribe"u8))
        {
            RetryLater(_subscriptions.SetHeld(_home, reader.ReadBytes(), isHeld: false));
        }
        else if (kind.SequenceEqual("invalidate"u8))
        {
            RaiseChanges(reader.Read());
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the connection. Its subscriptions move to their current servers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _kept.DisposeAsync();
        _subscriptions.Lose(_home);
        _outages.Report(_address, this, null);
        _stop.Dispose();
    }

    private ValueTask OnMessageAsync(ReadOnlySpan<byte> name, ref RespReader reader)
    {
        if (_subscriptions.Find(name) is { } subscription)
        {
            return _workers.AddMessageAsync(subscription, reader.ReadBytes());
        }

        if (_address.ForcesResp2 && name.SequenceEqual(BusNames.ChangesUtf8))
        {
            RaiseChanges(reader.Read());
            return ValueTask.CompletedTask;
        }

        return name.SequenceEqual(BusNames.MovingUtf8) && BusNames.TryReadMoving(reader.ReadBytes(), out var channel, out var message)
            && _subscriptions.FindHeld(_home, channel) is { } moving
                ? _workers.AddMessageAsync(moving, message)
                : ValueTask.CompletedTask;
    }

    // Returns whether channels are subscribed to with SSUBSCRIBE. The scripts that publish ask the same server the same.
    private async Task<bool> HasShardsAsync(RespConnection connection) =>
        _address.Kind is RedisKind.Cluster && BusSharding.HasShards(await connection.AskAsync(BusSharding.ShardQuestion));

    // Where the operator has disabled that command, the store is asked each time.
    private async Task TrackAsync(RespConnection connection)
    {
        if (_tracking is null)
        {
            return;
        }

        var answer = await _tracking.StartAsync(connection);
        if (answer.Kind is RespKind.Error)
        {
            Log.NotTracked(_logger, _address.ToString(), answer.ToString());
        }
        else
        {
            Volatile.Write(ref _tracked, connection);
        }
    }

    private void RaiseChanges(RespValue keys)
    {
        if (keys.IsNull)
        {
            // All keys: somebody emptied the database.
            Interlocked.Increment(ref _generation);
            return;
        }

        foreach (var key in keys.Items)
        {
            Changed?.Invoke(Encoding.UTF8.GetString(key.Bytes.Span));
        }
    }

    private void Lose()
    {
        Volatile.Write(ref _tracked, null);
        Interlocked.Increment(ref _generation);
        _subscriptions.Lose(_home);
    }

    private async Task RunAsync()
    {
        while (await _wake.Reader.WaitToReadAsync(_stop.Token))
        {
            _wake.Reader.TryRead(out _);
            try
            {
                await SendAsync();
                await ResumeAsync();
            }
            catch (StoreUnavailableException)
            {
                // The connection is lost, or the server refuses for now; unfinished work is in the queues, also for the next connection.
                await Task.Delay(RespConnection.PingInterval, _stop.Token);
                _home.Wake();
            }
        }
    }

    private async Task SendAsync()
    {
        while (_subscriptions.TakeBatch(_home, MaxNamesPerCommand) is { } batch)
        {
            SendBatch(batch.Connection, "SUBSCRIBE", batch.Subscribe);
            SendBatch(batch.Connection, "UNSUBSCRIBE", batch.Unsubscribe);
            if (batch.ShardSubscribe.Count + batch.ShardUnsubscribe.Count > 0)
            {
                await batch.Connection.AskForPushesAsync(batch.WriteShardCommands());
                RetryLater(_subscriptions.ConfirmShards(_home, batch));
            }
            else if (batch.Count == MaxNamesPerCommand)
            {
                await batch.Connection.AskAsync(Ping);
            }
        }
    }

    private static void SendBatch(RespConnection connection, string command, List<string> names)
    {
        if (names.Count > 0)
        {
            connection.Send(RespWriting.Command([command, .. names]));
        }
    }

    private void RetryLater(bool isRefused)
    {
        if (isRefused && Interlocked.Exchange(ref _isRetrying, 1) == 0)
        {
            _home.Refused();
            _ = RetryAsync();
        }
    }

    private async Task RetryAsync()
    {
        await Task.Delay(RetryDelay);
        Volatile.Write(ref _isRetrying, 0);
        _subscriptions.Retry(_home);
    }

    private async Task ResumeAsync()
    {
        while (_subscriptions.TakeResumed(_home, MaxNamesPerCommand) is { Count: > 0 } batch)
        {
            try
            {
                await ResumeAsync(batch);
            }
            catch (StoreUnavailableException)
            {
                _subscriptions.PutBack(batch);
                throw;
            }
        }
    }

    private async Task ResumeAsync(List<BusSubscription> resumed)
    {
        var connection = await _kept.GetAsync();
        var positions = await Task.WhenAll(resumed.Select(LookUpAsync));
        await connection.AskAsync(Ping);
        foreach (var (subscription, top) in resumed.Zip(positions))
        {
            await _workers.AddInterruptionAsync(subscription, top);
        }
    }

    private async Task<StreamPosition?> LookUpAsync(BusSubscription subscription)
    {
        if (subscription.Channel is not { } channel)
        {
            return null;
        }

        try
        {
            return EngineAnswers.ReadPosition(await _ask(channel, EngineCommands.LookUpPosition(channel)));
        }
        catch (InvalidDataException)
        {
            // The key holds an unexpected value: no recovery is possible.
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis ({Address}) does not report changes of keys ({Answer}): access is read from it each time.")]
        public static partial void NotTracked(ILogger logger, string address, string answer);
    }
}
