using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Hub;

/// <summary>The subscribers of one channel: a part for each reactor that delivers to some.</summary>
/// <param name="reactors">Subscribers over pipes are spread over them, so that what came together reaches them together, too. Null, or not running: the publisher's thread delivers to these.</param>
/// <remarks>
/// DESIGN. A push is posted to each reactor with subscribers, under the channel's gate, which gives all subscribers one order; it waits for no subscriber.
/// Reactors share nothing but that gate. Without reactors the publisher's thread delivers, under the same gate.
/// <para><see cref="Add"/> and <see cref="Remove"/> are called under the shard's gate.</para>
/// </remarks>
internal sealed class ChannelSubscribers(ReactorPool? reactors = null)
{
    private readonly object _order = new();

    // Those that no reactor delivers to.
    private readonly SubscriberTable _direct = new();

    // By the reactor's index, null where it has no subscribers. Replaced under the shard's gate, never shortened.
    private ReactorPart?[] _parts = [];

    // Written under the channel's gate.
    private uint _lastNumber;

    /// <summary>The number of subscribers. Exact under the shard's gate, otherwise of a moment ago.</summary>
    public int Count
    {
        get
        {
            var count = _direct.Count;
            foreach (var part in Volatile.Read(ref _parts))
            {
                count += part?.Subscribers.Count ?? 0;
            }

            return count;
        }
    }

    public void Add(Subscription subscription)
    {
        // Before it is in the table: a push in between is delivered.
        subscription.JoinedAfter = Volatile.Read(ref _lastNumber);
        TableOf(subscription).Add(subscription);
    }

    /// <returns>False when the subscription is not in the table.</returns>
    public bool Remove(Subscription subscription) => TableOf(subscription).Remove(subscription);

    /// <inheritdoc cref="HubShard.FanOut"/>
    public int FanOut(ChannelPush push)
    {
        lock (_order)
        {
            push.Number = _lastNumber + 1;
            Volatile.Write(ref _lastNumber, push.Number);
            return Post(push) + Deliver(push);
        }
    }

    /// <summary>The current subscriptions; others may join or leave while the caller walks them.</summary>
    public Subscription[] Snapshot() =>
        [.. Volatile.Read(ref _parts).OfType<ReactorPart>().Select(part => part.Subscribers).Append(_direct).SelectMany(table => table.Filled.ToArray()).OfType<Subscription>()];

    private int Post(ChannelPush push)
    {
        var posted = 0;
        foreach (var part in Volatile.Read(ref _parts))
        {
            if (part is { Subscribers.Count: > 0 and var subscribers })
            {
                part.Post(push);
                posted += subscribers;
            }
        }

        return posted;
    }

    private int Deliver(ChannelPush push)
    {
        var enqueued = 0;
        foreach (var subscription in _direct.Filled)
        {
            if (subscription is null)
            {
                continue;
            }

            if (push.Kind is PushKind.Interruption)
            {
                subscription.Subscriber.Interrupt(subscription, push.Top);
            }
            else if (subscription.Subscriber.TryEnqueue(subscription, push))
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

    private SubscriberTable TableOf(Subscription subscription) =>
        (subscription.Subscriber.Reactor ?? reactors?.For(subscription.Subscriber)) is { } reactor ? PartOf(reactor).Subscribers : _direct;

    private ReactorPart PartOf(Reactor reactor)
    {
        var parts = _parts;
        if (parts.Length <= reactor.Index)
        {
            Array.Resize(ref parts, reactor.Index + 1);
        }

        if (parts[reactor.Index] is null)
        {
            // A new array: a fan-out may be walking the one there is.
            parts = [.. parts];
            parts[reactor.Index] = new ReactorPart(reactor);
            Volatile.Write(ref _parts, parts);
        }

        return parts[reactor.Index]!;
    }
}
