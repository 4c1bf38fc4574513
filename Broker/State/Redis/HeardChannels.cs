using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.State.Redis;

/// <summary>Channels of which a key has changed, until the index of such keys in Redis agrees with them.</summary>
/// <remarks>
/// DESIGN. Lists are made from an index, which other programs do not write. So each change that is heard is brought into it: before the next list, which
/// is then never older than what was heard before it, and otherwise a second later, so that the index is complete for nodes that start. Who made the change
/// is not known, and all nodes hear it: indexing a channel again changes nothing, so it is heard by nobody and there is no loop. Many changes share a
/// command. While Redis is away they wait; too many of them are forgotten, and all keys are searched instead.
/// Thread-safe.
/// </remarks>
internal sealed class HeardChannels : IAsyncDisposable
{
    /// <summary>The maximum number of channels that wait, about 10 MB.</summary>
    public const int MaxWaiting = 65_536;

    /// <summary>How long a change waits when nobody asks for a list.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly Func<IReadOnlyList<ChannelName>, Task> _index;
    private readonly Action _searchAll;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // Under the gate.
    private HashSet<ChannelName> _waiting = [];
    private Task _last = Task.CompletedTask;
    private bool _lastHasBegun = true;

    /// <param name="index">Brings a batch into or out of the index; it is not called twice simultaneously.</param>
    /// <param name="searchAll">Called when channels were forgotten. Does not wait.</param>
    public HeardChannels(Func<IReadOnlyList<ChannelName>, Task> index, Action searchAll, TimeProvider time, ILogger logger)
    {
        _index = index;
        _searchAll = searchAll;
        _logger = logger;
        _timer = time.CreateTimer(_ => IndexUnattended(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called on the connection's thread for each change; does not wait.</summary>
    public void Add(ChannelName channel)
    {
        var count = AddAll([channel]);
        if (count == 1)
        {
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
        }
        else if (count == RedisTakeover.BatchSize)
        {
            // A burst: the waiting channels need not become more.
            IndexUnattended();
        }
    }

    /// <summary>Completes when all that was heard until now is indexed.</summary>
    /// <exception cref="StoreUnavailableException">The channels wait for the next attempt.</exception>
    public Task IndexAsync()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || !_lastHasBegun)
            {
                // A failure belongs to those who waited for it: it is over, or its channels wait again.
                return _last.IsCompleted ? Task.CompletedTask : _last;
            }

            _lastHasBegun = false;
            return _last = IndexAfterAsync(_last);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Task last;
        lock (_gate)
        {
            last = _last;
        }

        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void IndexUnattended() => _ = Unattended.RunAsync(() => new(IndexAsync()), _logger, "list what others have changed in Redis");

    private async Task IndexAfterAsync(Task before)
    {
        try
        {
            await Attempts.AfterAsync(before);
        }
        finally
        {
            lock (_gate)
            {
                _lastHasBegun = true;
            }
        }

        var channels = TakeAll();
        try
        {
            foreach (var batch in channels.Chunk(RedisTakeover.BatchSize))
            {
                await _index(batch);
            }
        }
        catch (StoreUnavailableException)
        {
            AddAll(channels);
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
            throw;
        }
    }

    private HashSet<ChannelName> TakeAll()
    {
        lock (_gate)
        {
            var channels = _waiting;
            _waiting = [];
            return channels;
        }
    }

    /// <returns>The number of waiting channels, if it has grown; otherwise 0.</returns>
    private int AddAll(IReadOnlyCollection<ChannelName> channels)
    {
        lock (_gate)
        {
            var before = _waiting.Count;
            _waiting.UnionWith(channels);
            if (_waiting.Count <= MaxWaiting)
            {
                return _waiting.Count > before ? _waiting.Count : 0;
            }

            _waiting = [];
        }

        _searchAll();
        return 0;
    }
}
