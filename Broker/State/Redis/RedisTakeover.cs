using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Finds the locks and advertisements that others wrote, so that the lists include them.</summary>
/// <remarks>
/// Lists are made from keys of our own, which the old API does not know. Changes that are heard are brought into them one by one
/// (<see cref="HeardChannels"/>). For those that nobody heard, all keys are scanned when there is no such list yet, and then once a minute by one of the
/// brokers, as long as they run. Whether a channel is locked or advertised never depends on it.
/// </remarks>
internal sealed class RedisTakeover : IAsyncDisposable
{
    /// <summary>The maximum number of keys in one command.</summary>
    public const int BatchSize = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _redis;
    private readonly RedisAccess _access;
    private readonly RedisAdvertisements _advertisements;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RedisTakeover(RedisConnection redis, RedisAccess access, RedisAdvertisements advertisements, TimeProvider time, ILogger logger)
    {
        _redis = redis;
        _access = access;
        _advertisements = advertisements;
        _time = time;
        _logger = logger;
        _running = RunAsync();
    }

    /// <summary>Waits until the lists are complete, that is, until any broker has scanned this database once.</summary>
    /// <exception cref="StoreUnavailableException">That takes longer than the time limit of one answer.</exception>
    public async ValueTask WaitAsync()
    {
        try
        {
            await _taken.Task.WaitAsync(_redis.AnswerLimit);
        }
        catch (TimeoutException exception)
        {
            throw new StoreUnavailableException("the keys in Redis are still being scanned", exception);
        }
    }

    /// <summary>Has this broker scan all keys now, although that was done less than a minute ago. Does not wait.</summary>
    public void ScanSoon() => Volatile.Read(ref _asked).TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var isDone = await Unattended.RunAsync(TakeOverAsync, _logger, "look for locks and advertisements of others in Redis");
            await (isDone ? Task.WhenAny(_asked.Task, Task.Delay(Interval, _time, _stop.Token)) : Task.Delay(RetryDelay, _time, _stop.Token));
            _stop.Token.ThrowIfCancellationRequested();
        }
    }

    // After a failure, lists lack the entries that others wrote; everything else works.
    private async ValueTask TakeOverAsync()
    {
        var scanned = await _redis.AskAsync(database => database.StringGetAsync(RedisKeys.Scanned));
        if (!scanned.IsNull)
        {
            _taken.TrySetResult();
        }

        if (_asked.Task.IsCompleted || !IsYoung(scanned))
        {
            await ScanAllAsync();
        }
    }

    private async Task ScanAllAsync()
    {
        // Before the scan: what is asked for meanwhile leads to another one.
        Volatile.Write(ref _asked, new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await ScanAsync(RedisKeys.LockPrefix, _access.IndexAsync);
            await ScanAsync(RedisKeys.AdvertisementPrefix, _advertisements.IndexAsync);
            await _advertisements.PruneAsync();
            await _redis.AskAsync(database => database.StringSetAsync(RedisKeys.Scanned, Now));
        }
        catch (StoreUnavailableException)
        {
            ScanSoon();
            throw;
        }

        _taken.TrySetResult();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // Another broker was faster. A small error of its clock does not matter, and a larger one only costs a scan.
    private bool IsYoung(RedisValue scanned) => scanned.TryParse(out long at) && Math.Abs(Now - at) < (Interval * 0.9).TotalMilliseconds;

    private async Task ScanAsync(string prefix, Func<IReadOnlyList<ChannelName>, Task> index)
    {
        var cursor = "0";
        do
        {
            _stop.Token.ThrowIfCancellationRequested();
            var answer = (RedisResult[])(await _redis.RunAsync(RedisScripts.Scan, [RedisKeys.Scanned], cursor, $"{_redis.KeyPrefix}{prefix}*", BatchSize))!;
            cursor = (string)answer[0]!;
            if (ChannelsOf((string[])answer[1]!, prefix).ToArray() is { Length: > 0 } channels)
            {
                await index(channels);
            }
        }
        while (cursor != "0");
    }

    private IEnumerable<ChannelName> ChannelsOf(string[] keys, string prefix) =>
        keys.Select(key => RedisKeys.TryReadChannel(key[_redis.KeyPrefix.Length..], prefix, out var channel) ? channel : null).OfType<ChannelName>();
}
