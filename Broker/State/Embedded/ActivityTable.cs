using System.Collections.Immutable;

namespace ClawEvents.Broker.State.Embedded;

/// <summary>Senders and numbers of messages, in memory.</summary>
/// <remarks>Thread-safe. Changed a few times a minute, by the reports of the activity recorder.</remarks>
internal sealed class ActivityTable
{
    private readonly Lock _gate = new();
    private ImmutableSortedSet<string> _senders = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private long _total;
    private (long Minute, long Messages) _current;
    private (long Minute, long Messages) _previous;

    /// <summary>In ordinal order.</summary>
    public IReadOnlyList<string> Senders => Volatile.Read(ref _senders);

    public void AddSender(string sender)
    {
        lock (_gate)
        {
            Volatile.Write(ref _senders, _senders.Add(sender));
        }
    }

    public void AddTotal(long messages) => Interlocked.Add(ref _total, messages);

    /// <summary>Counts messages in their minute; only the newest minute and the one before it are kept.</summary>
    public void AddToMinute(long minute, long messages)
    {
        lock (_gate)
        {
            if (minute > _current.Minute)
            {
                _previous = _current;
                _current = (minute, 0);
            }

            if (minute == _current.Minute)
            {
                _current.Messages += messages;
            }
        }
    }

    public MessageCounts Count(long minute)
    {
        lock (_gate)
        {
            return new(
                Interlocked.Read(ref _total),
                minute == _current.Minute ? _current.Messages : minute == _previous.Minute ? _previous.Messages : 0);
        }
    }
}
