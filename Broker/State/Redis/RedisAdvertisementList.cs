using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Redis;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>A copy in memory of all advertisements in Redis, for lists and searches.</summary>
/// <remarks>
/// DESIGN. Redis cannot list or search by text. So each broker keeps all advertisements in memory, as the embedded store does, and before a
/// list that could lack something brings them up to date: a sorted set of names by the version of their last change gives the
/// changes since. A mere removal is noticed by the total number; then the names are compared. The copy is changed by one
/// refresh at a time and by nothing else, so no late answer can bring an old text back.
/// Thread-safe.
/// </remarks>
internal sealed partial class RedisAdvertisementList(RedisConnection redis, IChangeFeed feed, ILogger logger)
{
    /// <summary>The number that is read with one command: an answer stays within some megabytes, however long descriptions and schemas are.</summary>
    public const int ReadSize = 100;

    private readonly AdvertisementIndex _index = new();
    private readonly Lock _gate = new();

    // Under the gate.
    private Refreshing? _last;
    private int _changes;

    // Changed by the running refresh only. Names in the index that are not in the copy, because their advertisement is missing or malformed.
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Brings the copy in memory up to date, unless nothing can have changed since the last refresh.</summary>
    /// <returns>The copy; later refreshes change it.</returns>
    public async ValueTask<AdvertisementIndex> RefreshAsync()
    {
        await JoinRefresh();
        return _index;
    }

    /// <summary>Invalidates the copy for the next list: something was changed, by this broker or another one.</summary>
    public void AskForRefresh()
    {
        lock (_gate)
        {
            _changes++;
        }
    }

    /// <summary>The advertisement as of the last refresh.</summary>
    public Advertisement? Get(ChannelName channel) => _index.Get(channel);

    /// <summary>The channels in the index in Redis, also those whose advertisement is missing or malformed.</summary>
    public async Task<IEnumerable<ChannelName>> ReadChannelsAsync() => (await ReadNamesAsync()).Select(ChannelOf).OfType<ChannelName>();

    /// <summary>Reads these from Redis, without those that are missing or malformed: one bad value must not prevent a list of all the others.</summary>
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

    private Task JoinRefresh()
    {
        lock (_gate)
        {
            if (_last is { } last && last.Suits(_changes, feed.Continuity))
            {
                return last.Task;
            }

            var before = _last?.Task ?? Task.CompletedTask;
            _last = new Refreshing();
            return _last.Task = RefreshAfterAsync(_last, before);
        }
    }

    private async Task RefreshAfterAsync(Refreshing refreshing, Task before)
    {
        await Attempts.AfterAsync(before);
        lock (_gate)
        {
            refreshing.Begin(_changes, feed.Continuity);
        }

        var answer = (RedisResult[])(await redis.RunAsync(RedisScripts.ReadAdvertised, [RedisKeys.Advertised, RedisKeys.AdvertisedVersion], _version))!;
        var (version, count) = ((long)answer[0], (long)answer[1]);
        if (version == _version)
        {
            return;
        }

        // A smaller version: this is another database, or an older copy.
        await LoadAsync(version > _version ? (string[])answer[2]! : await ReadNamesAsync());
        if (_index.All.Count + _leftOut.Count != count)
        {
            await ReconcileAsync([.. await ReadNamesAsync()]);
        }

        _version = version;
    }

    private async Task ReconcileAsync(HashSet<string> named)
    {
        foreach (var advertisement in _index.All.Where(advertisement => !named.Contains(advertisement.Channel.Value)))
        {
            _index.Remove(advertisement.Channel);
        }

        _leftOut.IntersectWith(named);
        await LoadAsync(named.Where(name => !_leftOut.Contains(name) && (ChannelOf(name) is not { } channel || _index.Get(channel) is null)).ToArray());
    }

    private async Task LoadAsync(string[] names)
    {
        foreach (var batch in names.Chunk(ReadSize))
        {
            var read = await ReadAsync([.. batch.Select(ChannelOf).OfType<ChannelName>()]);
            foreach (var name in batch)
            {
                SetListed(name, ChannelOf(name) is { } channel ? read.GetValueOrDefault(channel) : null);
            }
        }
    }

    private void SetListed(string name, Advertisement? advertisement)
    {
        if (advertisement is not null)
        {
            _leftOut.Remove(name);
            SetIfChanged(advertisement);
            return;
        }

        _leftOut.Add(name);
        if (ChannelOf(name) is { } channel)
        {
            _index.Remove(channel);
        }
    }

    // The instance stays the same while the text does.
    private void SetIfChanged(Advertisement advertisement)
    {
        if (_index.Get(advertisement.Channel) != advertisement)
        {
            _index.Set(advertisement);
        }
    }

    private async Task<string[]> ReadNamesAsync() => [.. (await redis.AskAsync(database => database.SortedSetRangeByRankAsync(RedisKeys.Advertised))).Select(name => (string)name!)];

    // Null for names that somebody else put into the index.
    private static ChannelName? ChannelOf(string name) => ChannelName.TryParse(name, out var channel) && channel.IsLockable ? channel : null;

    /// <summary>One refresh. Its members are used under the gate.</summary>
    private sealed class Refreshing
    {
        private bool _hasBegun;
        private int _changes;
        private long _continuity;

        /// <summary>Fails when Redis is unavailable.</summary>
        public Task Task { get; set; } = Task.CompletedTask;

        /// <summary>The refresh asks Redis from here on.</summary>
        /// <param name="changes">The number of changes known so far.</param>
        public void Begin(int changes, long continuity) => (_hasBegun, _changes, _continuity) = (true, changes, continuity);

        /// <summary>Whether it covers all changes until now: it has not asked Redis yet, or nothing can have changed since it did.</summary>
        public bool Suits(int changes, long continuity) =>
            (!_hasBegun && !Task.IsCompleted)
            || (continuity != 0 && continuity == _continuity && changes == _changes && !Task.IsFaulted);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An advertisement is left out of the lists: {Fault}")]
        public static partial void Unreadable(ILogger logger, string fault);
    }
}
