using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Maps;

/// <summary>One map in memory: keys, stream of changes, position.</summary>
/// <remarks>
/// DESIGN. As in <see cref="ChannelStream"/>, one gate guards it all, and a change is delivered under it. The wheel wakes the map for the first key, the
/// stream or the position that expires. A map whose position is forgotten leaves the table for good; who still holds it gets false and looks again.
/// </remarks>
internal sealed class MapChannel(ChannelName channel, MapHome home) : TimerNode
{
    // The map itself, its tables, the channel's name and the entry of the table of maps.
    private const int OwnCost = 1100;

    // Removals under one hold of the gate.
    private const int Batch = 500;

    private readonly Lock _gate = new();
    private readonly MapState _state = new();
    private readonly PublicationRing<MapPublication> _ring = new();
    private StreamPosition _top = new(0, Epochs.New());

    // Of the last operation: what expires later is kept as it says.
    private MapOptions _options = MapOptions.None;

    // Times since the home's start.
    private TimeSpan _ringDue;
    private TimeSpan _due = TimeSpan.MaxValue;
    private TimeSpan _wakes = TimeSpan.MaxValue;
    private long _cost;
    private bool _isGone;

    public string Epoch
    {
        get
        {
            lock (_gate)
            {
                return _top.Epoch;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _state.Count;
            }
        }
    }

    /// <returns>False when the map has left the table.</returns>
    public bool TryPublish(MapOptions options, in MapChange change, out MapResult result)
    {
        lock (_gate)
        {
            result = default;
            if (!TryTouch(options, out var now))
            {
                return false;
            }

            var entry = _state.Find(change.Key);
            var outcome = Judge(change, entry);
            if (outcome is MapOutcome.Applied)
            {
                Apply(change, entry, now);
            }
            else if (outcome is MapOutcome.KeyExists && change.RefreshesTtl)
            {
                _state.ExpireAt(entry!, KeyDue(now));
            }

            result = new(_top, outcome);
            AccountAndSchedule(now);
            return true;
        }
    }

    /// <inheritdoc cref="TryPublish"/>
    public bool TryRemove(MapOptions options, in MapRemoval removal, out MapResult result)
    {
        lock (_gate)
        {
            result = default;
            if (!TryTouch(options, out var now))
            {
                return false;
            }

            var entry = _state.Find(removal.Key);
            if (entry is not null)
            {
                Remove(entry, removal.Tags, now);
            }

            result = new(_top, entry is null ? MapOutcome.KeyNotFound : MapOutcome.Applied);
            AccountAndSchedule(now);
            return true;
        }
    }

    /// <inheritdoc cref="TryPublish"/>
    public bool TryReadState(MapOptions options, in MapStateFilter filter, out MapStatePage page)
    {
        lock (_gate)
        {
            page = null!;
            if (!TryTouch(options, out var now))
            {
                return false;
            }

            page = filter.Key is { } key ? new(_state.Find(key) is { } entry ? [entry.Value] : [], _top, "") : ReadPage(filter);
            AccountAndSchedule(now);
            return true;
        }
    }

    /// <inheritdoc cref="TryPublish"/>
    public bool TryReadStream(MapOptions options, HistoryFilter filter, out MapStreamPage page)
    {
        lock (_gate)
        {
            page = null!;
            if (!TryTouch(options, out var now))
            {
                return false;
            }

            page = new(_ring.Select(filter with { Limit = MapRules.PageOf(filter.Limit) }, _top), _top);
            AccountAndSchedule(now);
            return true;
        }
    }

    /// <summary>See <see cref="IMapEngine.ClearAsync"/>.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (!_isGone)
            {
                _state.Clear();
                _ring.Clear();
                _top = new(0, Epochs.New());
                home.Receiver.DeliverInterruption(channel, _top);
                AccountAndSchedule(home.Elapsed);
            }
        }
    }

    /// <summary>Leaves the table if there are no keys: the next look at the map begins a new epoch.</summary>
    public void LeaveIfEmpty()
    {
        lock (_gate)
        {
            if (!_isGone && _state.Count == 0)
            {
                Leave();
            }
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        while (RemoveSomeDue())
        {
            // Others have their turn between two batches.
        }
    }

    /// <returns>Whether there is more to remove.</returns>
    private bool RemoveSomeDue()
    {
        lock (_gate)
        {
            _wakes = TimeSpan.MaxValue;
            var now = home.Elapsed;
            for (var i = 0; i < Batch && !_isGone && _state.FindDue(now) is { } key; i++)
            {
                Remove(_state.Find(key)!, tags: null, now);
            }

            if (!_isGone && IsForgotten(now))
            {
                Leave();
            }

            if (_isGone)
            {
                return false;
            }

            ForgetStreamIfDue(now);
            AccountAndSchedule(now);
            return _state.FindDue(now) is not null;
        }
    }

    private static MapOutcome Judge(in MapChange change, MapEntry? entry) => change switch
    {
        { Version: > 0 } when entry is not null && change.Version <= entry.Version && IsOfEpoch(change.VersionEpoch, entry) => MapOutcome.Outdated,
        { KeyMode: KeyMode.IfNew } when entry is not null => MapOutcome.KeyExists,
        { KeyMode: KeyMode.IfExists } when entry is null => MapOutcome.KeyNotFound,
        _ => MapOutcome.Applied,
    };

    private static bool IsOfEpoch(string? epoch, MapEntry entry) => string.IsNullOrEmpty(epoch) || epoch == (entry.VersionEpoch ?? "");

    private void Apply(in MapChange change, MapEntry? entry, TimeSpan now)
    {
        var previous = change is { WantsDelta: true, StreamData: null } && entry is { IsAnnouncedOtherwise: false } ? entry.Value.Publication.Data : default;
        var offset = NextOffset();
        var value = new MapPublication(change.Key, offset, change.Publication with { Data = change.Publication.Data.ToArray() }) { Score = change.Score, Time = home.Now };
        entry = _state.Put(entry, value, _options.IsOrdered ? change.Score : 0, KeyDue(now));
        entry.IsAnnouncedOtherwise = change.StreamData is not null;
        if (change.Version > 0)
        {
            (entry.Version, entry.VersionEpoch) = (change.Version, change.VersionEpoch);
        }

        Announce(change.StreamData is { } data ? value with { Publication = value.Publication with { Data = data.ToArray() } } : value, previous, now);
    }

    private void Remove(MapEntry entry, IReadOnlyDictionary<string, string>? tags, TimeSpan now)
    {
        _state.Remove(entry);
        var publication = new Publication(default, null, tags ?? entry.Value.Publication.Tags);
        Announce(new(entry.Key, NextOffset(), publication) { Removed = true, Time = home.Now }, default, now);
    }

    private ulong NextOffset()
    {
        if (_options.KeepsStream)
        {
            _top = _top with { Offset = _top.Offset + 1 };
            return _top.Offset;
        }

        return 0;
    }

    private void Announce(MapPublication change, ReadOnlyMemory<byte> previous, TimeSpan now)
    {
        if (_options.KeepsStream)
        {
            _ring.Add(change, _options.StreamSize);
            _ringDue = now + _options.StreamTtl;
        }

        home.Receiver.Deliver(channel, new()
        {
            Position = _options.KeepsStream ? _top : PublishResult.NoPosition,
            Publication = change.Publication,
            Previous = previous,
            Change = change,
        });
    }

    private MapStatePage ReadPage(in MapStateFilter filter)
    {
        var limit = MapRules.PageOf(filter.Limit);
        if (limit == 0 || !MapCursor.TryParse(filter.Cursor, _options.IsOrdered, out var after))
        {
            return new([], _top, "");
        }

        var values = _state.Read(after, limit, isDescending: _options.IsOrdered && !filter.Ascending, out var next);
        return new(values, _top, next.IsStart ? "" : next.ToText(_options.IsOrdered));
    }

    private bool TryTouch(MapOptions options, out TimeSpan now)
    {
        now = home.Elapsed;
        if (!_isGone && IsForgotten(now))
        {
            Leave();
        }

        if (_isGone)
        {
            return false;
        }

        ForgetStreamIfDue(now);
        _options = options;
        _due = now + (options.MetaTtl == TimeSpan.Zero ? MapOptions.EmptyTtl : options.MetaTtl);
        return true;
    }

    private bool IsForgotten(TimeSpan now) => _state.Count == 0 && _due <= now;

    private void ForgetStreamIfDue(TimeSpan now)
    {
        if (_ring.Count > 0 && _ringDue <= now)
        {
            _ring.Clear();
        }
    }

    private void Leave()
    {
        _isGone = true;
        _ring.Clear();
        home.Memory.Add(-_cost);
        home.Wheel.Cancel(this);
        home.Maps.Remove(channel, this);
    }

    private TimeSpan KeyDue(TimeSpan now) => _options.KeyTtl == TimeSpan.Zero ? TimeSpan.MaxValue : now + _options.KeyTtl;

    private void AccountAndSchedule(TimeSpan now)
    {
        var cost = OwnCost + _ring.Cost + _state.Cost;
        home.Memory.Add(cost - _cost);
        _cost = cost;

        var next = _state.Count == 0 ? _due : _state.FirstDue;
        next = _ring.Count > 0 && _ringDue < next ? _ringDue : next;
        if (next < _wakes)
        {
            _wakes = next;
            home.Wheel.Schedule(this, next - now);
        }
    }
}
