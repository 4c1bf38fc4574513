using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Maps;

/// <summary>The embedded engine of maps: everything in the process, nothing survives a restart.</summary>
/// <remarks>
/// Thread-safe; every task is complete when it is returned. A change takes the map's gate and none that another map could hold, and allocates what is kept.
/// <para>BOUNDS. All maps together hold at most <c>maxBytes</c>; then maps without keys are forgotten, and changes refused. Idempotency results:
/// <see cref="IdempotencyTable.MaxResults"/>.</para>
/// </remarks>
internal sealed class MemoryMapEngine : IMapEngine, IDisposable
{
    /// <summary>1 GiB.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    // Looked at for one change that finds no room.
    private const int SampleSize = 16;

    private readonly TimerWheel _wheel;
    private readonly MapHome _home;
    private readonly IdempotencyTable _results;
    private readonly Func<ChannelName, MapChannel> _make;
    private readonly Lock _walking = new();
    private readonly IEnumerator<MapChannel?> _walk;

    public MemoryMapEngine(IChannelReceiver receiver, MapSettings settings, TimeProvider time, long maxBytes = DefaultMaxBytes)
    {
        _wheel = new TimerWheel(time);
        _home = new MapHome(receiver, time, _wheel, new EngineMemory(maxBytes));
        _results = new IdempotencyTable(time, _wheel, settings.IdempotencyTtl);
        _make = channel => new MapChannel(channel, _home);
        _walk = _home.Maps.Walk();
    }

    /// <summary>Bytes that maps hold, roughly.</summary>
    public long UsedBytes => _home.Memory.Used;

    /// <summary>Channels with a position.</summary>
    public int MapCount => _home.Maps.Count;

    public void Dispose()
    {
        _wheel.Dispose();
        _walk.Dispose();
    }

    public ValueTask<MapResult> PublishAsync(ChannelName channel, MapOptions options, in MapChange change)
    {
        if (change.IdempotencyKey is not { } key)
        {
            return new(Publish(channel, options, change));
        }

        var first = _results.GetOrAdd(channel, key);
        lock (first.Gate)
        {
            return new(FindRepeated(channel, first) ?? Keep(first, Publish(channel, options, change)));
        }
    }

    public ValueTask<MapResult> RemoveAsync(ChannelName channel, MapOptions options, in MapRemoval removal)
    {
        if (removal.IdempotencyKey is not { } key)
        {
            return new(Remove(channel, options, removal));
        }

        var first = _results.GetOrAdd(channel, key);
        lock (first.Gate)
        {
            return new(FindRepeated(channel, first) ?? Keep(first, Remove(channel, options, removal)));
        }
    }

    public ValueTask<MapStatePage> ReadStateAsync(ChannelName channel, MapOptions options, MapStateFilter filter)
    {
        MapStatePage page;
        while (!_home.Maps.GetOrAdd(channel, _make).TryReadState(options, filter, out page))
        {
        }

        MakeRoom();
        return new(page);
    }

    public ValueTask<MapStreamPage> ReadStreamAsync(ChannelName channel, MapOptions options, HistoryFilter filter)
    {
        MapStreamPage page;
        while (!_home.Maps.GetOrAdd(channel, _make).TryReadStream(options, filter, out page))
        {
        }

        MakeRoom();
        return new(page);
    }

    public ValueTask<int> CountAsync(ChannelName channel) => new(_home.Maps.TryGet(channel, out var map) ? map.Count : 0);

    public ValueTask ClearAsync(ChannelName channel, MapOptions options)
    {
        if (_home.Maps.TryGet(channel, out var map))
        {
            map.Clear();
        }

        return ValueTask.CompletedTask;
    }

    private static MapResult Keep(IdempotentResult first, MapResult result)
    {
        if (result.Outcome is MapOutcome.Applied)
        {
            first.Value = new(result.Position);
        }

        return result;
    }

    // A map that was cleared, or forgotten, has not had the change.
    private MapResult? FindRepeated(ChannelName channel, IdempotentResult first) =>
        first.Value is { Position: var position } && _home.Maps.TryGet(channel, out var map) && map.Epoch == position.Epoch
            ? new(position, MapOutcome.Repeated)
            : null;

    private MapResult Publish(ChannelName channel, MapOptions options, in MapChange change)
    {
        if (!MakeRoom())
        {
            return new(PublishResult.NoPosition, MapOutcome.Full);
        }

        MapResult result;
        while (!_home.Maps.GetOrAdd(channel, _make).TryPublish(options, change, out result))
        {
        }

        return result;
    }

    private MapResult Remove(ChannelName channel, MapOptions options, in MapRemoval removal)
    {
        while (_home.Maps.TryGet(channel, out var map))
        {
            if (map.TryRemove(options, removal, out var result))
            {
                return result;
            }
        }

        return new(PublishResult.NoPosition, MapOutcome.KeyNotFound);
    }

    // Values of a map are not somebody else's to forget, so only maps without any are.
    private bool MakeRoom()
    {
        if (!_home.Memory.IsExceeded)
        {
            return true;
        }

        lock (_walking)
        {
            for (var seen = 0; seen < SampleSize && _home.Memory.IsExceeded; seen++)
            {
                _walk.MoveNext();
                _walk.Current?.LeaveIfEmpty();
            }
        }

        return !_home.Memory.IsExceeded;
    }
}
