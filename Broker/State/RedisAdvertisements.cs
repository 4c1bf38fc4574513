using ClawEvents.Broker.Channels;
using StackExchange.Redis;

namespace ClawEvents.Broker.State;

/// <summary>The advertisements in Redis, with a copy of all in memory for lists and searches.</summary>
/// <remarks>
/// DESIGN. Redis cannot list or search by text. So each broker keeps all advertisements in memory, as the embedded store does, and before a
/// list brings them up to date, at most once a second: a sorted set of names by the version of their last change gives what
/// changed since. One that was only removed shows by the number of all; then the names are compared. The copy is changed by one
/// refresh at a time and by nothing else, so no late answer can bring an old text back.
/// Thread-safe.
/// </remarks>
internal sealed partial class RedisAdvertisements(RedisConnection redis, TimeProvider time, ILogger logger)
{
    // One answer stays within some megabytes, however long descriptions and schemas are.
    private const int ReadSize = 100;

    private const int Slots = 4_096;

    private readonly ReadCache<ChannelName, Advertisement?> _recent = new(Slots, time);
    private readonly AdvertisementIndex _index = new();
    private readonly Lock _gate = new();

    // Under the gate.
    private Refreshing? _last;
    private int _changes;

    // Changed by the one refresh that runs.
    private long _version;

    /// <remarks>Hot path: what was asked lately is answered at once, without allocating.</remarks>
    public ValueTask<Advertisement?> GetAsync(ChannelName channel) => _recent.TryGet(channel, out var known) ? new(known) : AskAsync(channel);

    public ValueTask SetAsync(Advertisement advertisement)
    {
        var channel = advertisement.Channel;
        return ChangeAsync(channel, RedisScripts.SetAdvertisement, channel.Value, RedisJson.OfAdvertisement(advertisement));
    }

    public ValueTask RemoveAsync(ChannelName channel) => ChangeAsync(channel, RedisScripts.RemoveAdvertisement, channel.Value);

    public async ValueTask<AdvertisementPage> FindAsync(AdvertisementQuery query)
    {
        await RefreshAsync();
        return _index.Find(query);
    }

    /// <summary>Takes into the index what others wrote or changed: these channels have an advertisement.</summary>
    public async Task IndexAsync(IReadOnlyList<ChannelName> channels)
    {
        foreach (var batch in channels.Chunk(ReadSize))
        {
            var read = await ReadAsync(batch);
            await IndexNowAsync([.. batch.Where(channel => read.GetValueOrDefault(channel) != _index.Get(channel))]);
        }
    }

    /// <summary>Takes out of the index what others removed.</summary>
    public async Task PruneAsync()
    {
        foreach (var batch in _index.All.Select(advertisement => advertisement.Channel).Chunk(RedisTakeover.BatchSize))
        {
            var there = (int[])(await redis.RunAsync(RedisScripts.AreThere, [.. batch.Select(RedisKeys.Advertisement)]))!;
            await IndexNowAsync([.. batch.Where((_, i) => there[i] == 0)]);
        }
    }

    /// <summary>Brings the copy in memory up to date, unless that was done within the last second and nothing was changed here since.</summary>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            if (_last is not { } last || last.Changes != _changes || last.IsOver(time))
            {
                _last = new(_changes, time.GetTimestamp(), RefreshAfterAsync(_last?.Task ?? Task.CompletedTask));
            }

            return _last.Task;
        }
    }

    private async ValueTask<Advertisement?> AskAsync(ChannelName channel)
    {
        var reading = _recent.Begin(channel);
        var value = await redis.AskAsync(database => database.StringGetAsync(RedisKeys.Advertisement(channel)));
        var advertisement = value.IsNull ? null : RedisJson.ReadAdvertisement(channel, value);

        // One instance as long as it stays the same: callers keep beside it what they make of it.
        advertisement = _recent.Peek(channel) is { } recent && recent == advertisement ? recent
            : _index.Get(channel) is { } listed && listed == advertisement ? listed
            : advertisement;
        _recent.End(reading, channel, advertisement);
        return advertisement;
    }

    private async ValueTask ChangeAsync(ChannelName channel, string script, params RedisValue[] values)
    {
        try
        {
            await redis.RunAsync(script, [RedisKeys.Advertisement(channel), RedisKeys.Advertised, RedisKeys.AdvertisedVersion], values);
        }
        finally
        {
            _recent.Forget(channel);
            AskForRefresh();
        }
    }

    private async Task IndexNowAsync(ChannelName[] channels)
    {
        if (channels.Length == 0)
        {
            return;
        }

        await redis.RunAsync(
            RedisScripts.IndexAdvertisements,
            [RedisKeys.Advertised, RedisKeys.AdvertisedVersion, .. channels.Select(RedisKeys.Advertisement)],
            [.. channels.Select(channel => (RedisValue)channel.Value)]);
        AskForRefresh();
    }

    // What began before is not enough for the next list.
    private void AskForRefresh()
    {
        lock (_gate)
        {
            _changes++;
        }
    }

    // When the one before has failed, so has this one: waits do not add up while Redis is away.
    private async Task RefreshAfterAsync(Task before)
    {
        if (before.IsCompleted)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        }
        else
        {
            await before;
        }

        var answer = (RedisResult[])(await redis.RunAsync(RedisScripts.ReadAdvertised, [RedisKeys.Advertised, RedisKeys.AdvertisedVersion], _version))!;
        var (version, count) = ((long)answer[0], (long)answer[1]);
        if (version == _version)
        {
            return;
        }

        // A smaller one: the database is another one, or an older copy of it.
        await LoadAsync(ChannelsOf(version > _version ? (RedisValue[])answer[2]! : await ReadNamesAsync()));
        if (_index.All.Count != count)
        {
            await ReconcileAsync([.. ChannelsOf(await ReadNamesAsync())]);
        }

        _version = version;
    }

    private async Task ReconcileAsync(HashSet<ChannelName> named)
    {
        foreach (var advertisement in _index.All.Where(advertisement => !named.Contains(advertisement.Channel)))
        {
            _index.Remove(advertisement.Channel);
        }

        await LoadAsync(named.Where(channel => _index.Get(channel) is null));
    }

    private async Task LoadAsync(IEnumerable<ChannelName> channels)
    {
        foreach (var batch in channels.Chunk(ReadSize))
        {
            var read = await ReadAsync(batch);
            foreach (var channel in batch)
            {
                if (read.TryGetValue(channel, out var advertisement))
                {
                    _index.Set(advertisement);
                }
                else
                {
                    _index.Remove(channel);
                }
            }
        }
    }

    // Without those that are gone or unreadable: one bad value must not keep all the others from being listed.
    private async Task<Dictionary<ChannelName, Advertisement>> ReadAsync(ChannelName[] channels)
    {
        var values = await redis.AskAsync(database => database.StringGetAsync([.. channels.Select(RedisKeys.Advertisement)]));
        var read = new Dictionary<ChannelName, Advertisement>();
        foreach (var (channel, value) in channels.Zip(values).Where(pair => !pair.Second.IsNull))
        {
            try
            {
                read[channel] = RedisJson.ReadAdvertisement(channel, value);
            }
            catch (InvalidDataException exception)
            {
                Log.Unreadable(logger, exception.Message);
            }
        }

        return read;
    }

    private Task<RedisValue[]> ReadNamesAsync() => redis.AskAsync(database => database.SortedSetRangeByRankAsync(RedisKeys.Advertised));

    private static IEnumerable<ChannelName> ChannelsOf(RedisValue[] names) =>
        names.Select(name => ChannelName.TryParse((string)name!, out var channel) && channel.IsLockable ? channel : null).OfType<ChannelName>();

    /// <param name="Changes">How many changes this broker had made when it began.</param>
    /// <param name="BegunAt">The time provider's timestamp.</param>
    /// <param name="Task">Fails when Redis is away.</param>
    private sealed record Refreshing(int Changes, long BegunAt, Task Task)
    {
        public bool IsOver(TimeProvider time) =>
            Task.IsCompleted && (!Task.IsCompletedSuccessfully || time.GetElapsedTime(BegunAt) >= ReadCache<ChannelName, Advertisement?>.Life);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An advertisement is left out of the lists: {Fault}")]
        public static partial void Unreadable(ILogger logger, string fault);
    }
}
