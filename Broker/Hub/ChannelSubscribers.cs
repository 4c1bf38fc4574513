using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>The subscribers of one channel: a table that fan-out reads while others change it.</summary>
/// <remarks>
/// DESIGN. Subscribers lie in an array that only grows at its end; leaving clears the slot. A reader takes one reference
/// to (array, count) and walks it without a gate: what it reads is either a subscription or an empty slot. When most slots are
/// empty the rest moves to a new array, so a walk costs only the subscribers there are, and joining and leaving cost O(1) on average
/// (a copied array per join would cost 15,000 subscribers 900 MB of copies).
/// <para><see cref="Add"/> and <see cref="Remove"/> are called under the shard's gate. Fan-outs of one channel exclude each other, which
/// gives all subscribers the same order; they never wait for a subscriber, so they are short.</para>
/// </remarks>
internal sealed class ChannelSubscribers
{
    private const int FirstCapacity = 1;
    private const int MinSlotsToCompact = 32;

    private readonly object _order = new();
    private Table _table = new(FirstCapacity);

    /// <summary>The number of subscribers. Exact under the shard's gate, otherwise of a moment ago.</summary>
    public int Count { get; private set; }

    public void Add(Subscription subscription)
    {
        if (_table.Count == _table.Slots.Length)
        {
            Resize(Math.Max(FirstCapacity, Count * 2));
        }

        _table.Append(subscription);
        Count++;
    }

    /// <returns>False when the subscription is not in the table.</returns>
    public bool Remove(Subscription subscription)
    {
        if (subscription.Slot < 0)
        {
            return false;
        }

        _table.Slots[subscription.Slot] = null;
        subscription.Slot = -1;
        Count--;
        if (_table.Count >= MinSlotsToCompact && Count < _table.Count / 4)
        {
            Resize(Math.Max(FirstCapacity, Count * 2));
        }

        return true;
    }

    /// <inheritdoc cref="HubShard.FanOut"/>
    public int FanOut(ref ChannelPush push)
    {
        lock (_order)
        {
            var enqueued = 0;
            foreach (var subscription in Volatile.Read(ref _table).Filled)
            {
                if (subscription is null)
                {
                    continue;
                }

                if (subscription.Subscriber.TryEnqueue(subscription, ref push))
                {
                    enqueued++;
                }
                else
                {
                    // A full queue is that subscriber's problem: waiting here would let one slow reader stall the channel.
                    subscription.Subscriber.Disconnect(DisconnectCode.Slow);
                }
            }

            return enqueued;
        }
    }

    /// <summary>The current subscriptions; others may join or leave while the caller walks them.</summary>
    public Subscription[] Snapshot() => [.. Volatile.Read(ref _table).Filled.ToArray().OfType<Subscription>()];

    // Fan-outs under way continue with the table they have: it is not changed any more.
    private void Resize(int capacity)
    {
        var table = new Table(capacity);
        foreach (var subscription in _table.Filled)
        {
            if (subscription is not null)
            {
                table.Append(subscription);
            }
        }

        Volatile.Write(ref _table, table);
    }

    private sealed class Table(int capacity)
    {
        private int _count;

        public Subscription?[] Slots { get; } = new Subscription?[capacity];

        public int Count => _count;

        public ReadOnlySpan<Subscription?> Filled => Slots.AsSpan(0, Volatile.Read(ref _count));

        public void Append(Subscription subscription)
        {
            Slots[_count] = subscription;
            subscription.Slot = _count;

            // After the slot: a reader that sees the new count must see what is in it.
            Volatile.Write(ref _count, _count + 1);
        }
    }
}
