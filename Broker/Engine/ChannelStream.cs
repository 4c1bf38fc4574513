using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Clock;

namespace ClawEvents.Broker.Engine;

/// <summary>One channel's history in memory: position, version, and the last publications.</summary>
/// <remarks>
/// DESIGN. One gate guards it all, and a publication is delivered under it: that is what makes "next offset" and "handed out" one step.
/// Time: what is due is forgotten by the next look at it; and the wheel wakes the stream, so that memory is freed when nobody looks. A publication
/// only moves the due times; the stream asks the wheel again when it wakes too early. So publishing touches the wheel's gate once per
/// ttl and not once per publication. A stream whose position is forgotten leaves the table for good; who still holds it gets
/// false and looks in the table again.
/// </remarks>
internal sealed class ChannelStream(ChannelName channel, StreamHome home) : TimerNode
{
    // The stream itself, its ring, the channel's name and the table's entry.
    private const int OwnCost = 800;

    private readonly Lock _gate = new();
    private readonly PublicationRing<StoredPublication> _ring = new();
    private StreamPosition _top = new(0, Epochs.New());
    private ulong _version;
    private string? _versionEpoch;

    // Times since the home's start.
    private TimeSpan _ringDue;
    private TimeSpan _due = TimeSpan.MaxValue;
    private TimeSpan _wakes = TimeSpan.MaxValue;
    private long _lastUse;
    private long _cost;
    private bool _isGone;

    /// <summary>When it was last published to or read: ticks since the home's start, of a moment ago.</summary>
    public long LastUse => Volatile.Read(ref _lastUse);

    /// <returns>False when the stream has left the table.</returns>
    public bool TryPublish(in EnginePublication publication, out PublishResult result)
    {
        lock (_gate)
        {
            if (!TryTouch(publication.History.MetaTtl, out var now))
            {
                result = default;
                return false;
            }

            if (IsOutdated(publication))
            {
                result = new(_top, Suppression.Outdated);
            }
            else
            {
                _top = _top with { Offset = _top.Offset + 1 };
                home.Receiver.Deliver(channel, Keep(publication, now));
                result = new(_top);
            }

            AccountAndScheduleExpiry(now);
            return true;
        }
    }

    /// <inheritdoc cref="TryPublish"/>
    public bool TryRead(in HistoryFilter filter, TimeSpan metaTtl, out HistoryPage page)
    {
        lock (_gate)
        {
            if (!TryTouch(metaTtl, out var now))
            {
                page = null!;
                return false;
            }

            AccountAndScheduleExpiry(now);
            page = new(_ring.Select(filter, _top), _top);
            return true;
        }
    }

    public void RemoveHistory()
    {
        lock (_gate)
        {
            if (!_isGone)
            {
                _ring.Clear();
                Account();
            }
        }
    }

    /// <summary>Leaves the table: the next look at the channel begins a new epoch.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (!_isGone)
            {
                _isGone = true;
                _ring.Clear();
                home.Memory.Add(-_cost);
                home.Wheel.Cancel(this);
                home.Streams.Remove(channel, this);
            }
        }
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return;
            }

            _wakes = TimeSpan.MaxValue;
            var now = home.Elapsed;
            if (_due <= now)
            {
                Leave();
            }
            else
            {
                ForgetDue(now);
                AccountAndScheduleExpiry(now);
            }
        }
    }

    private bool TryTouch(TimeSpan metaTtl, out TimeSpan now)
    {
        now = home.Elapsed;
        if (!_isGone && _due <= now)
        {
            Leave();
        }

        if (_isGone)
        {
            return false;
        }

        ForgetDue(now);
        _due = now + metaTtl;
        Volatile.Write(ref _lastUse, now.Ticks);
        return true;
    }

    private void ForgetDue(TimeSpan now)
    {
        if (_ring.Count > 0 && _ringDue <= now)
        {
            _ring.Clear();
        }
    }

    private bool IsOutdated(in EnginePublication publication)
    {
        if (publication.Version == 0)
        {
            return false;
        }

        if (publication.Version <= _version && (publication.VersionEpoch ?? "") == _versionEpoch)
        {
            return true;
        }

        _version = publication.Version;
        _versionEpoch = publication.VersionEpoch ?? "";
        return false;
    }

    private DeliveredPublication Keep(in EnginePublication publication, TimeSpan now)
    {
        var previous = publication.WantsDelta ? _ring.Newest?.Publication.Data ?? default : default;
        var stored = new StoredPublication(_top.Offset, publication.Publication with { Data = publication.Publication.Data.ToArray() });
        _ring.Add(stored, publication.History.Size);
        _ringDue = now + publication.History.Ttl;
        return new() { Position = _top, Publication = stored.Publication, Previous = previous };
    }

    private void AccountAndScheduleExpiry(TimeSpan now)
    {
        Account();
        var next = _ring.Count > 0 && _ringDue < _due ? _ringDue : _due;
        if (next < _wakes)
        {
            _wakes = next;
            home.Wheel.Schedule(this, next - now);
        }
    }

    private void Account()
    {
        var cost = OwnCost + _ring.Cost;
        home.Memory.Add(cost - _cost);
        _cost = cost;
    }
}
