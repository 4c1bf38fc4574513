using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A connection as the hub sees it, that counts what it gets and keeps it if asked to.</summary>
/// <remarks>Thread-safe, as the interface wants it; allocates nothing unless it keeps frames.</remarks>
internal sealed class CountingSubscriber : ISubscriber
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _frames = [];

    public Principal Principal { get; init; } = Principal.Anonymous;

    public Wire Wire { get; init; } = Wire.WebSocketJson;

    /// <summary>Its queue has no room.</summary>
    public bool Full { get; init; }

    public bool KeepsFrames { get; init; }

    public int Received { get; private set; }

    public DisconnectCode? DisconnectedWith { get; private set; }

    public int Disconnects { get; private set; }

    /// <summary>Subscriptions the broker ended, and why.</summary>
    public Dictionary<Subscription, UnsubscribeCode> Ended { get; } = [];

    public IReadOnlyList<byte[]> Frames
    {
        get
        {
            lock (_gate)
            {
                return [.. _frames];
            }
        }
    }

    /// <summary>A subscription of this subscriber's that the client knows of: what the hub sends to it is counted.</summary>
    public Subscription SubscribeTo(ChannelName channel) => new(this, channel) { State = SubscriptionState.Active };

    /// <summary>As a connection does it when it leaves: from here on nothing is taken.</summary>
    public void End(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.State = SubscriptionState.Ended;
        }
    }

    public bool TryEnqueue(Subscription subscription, ref ChannelPush push)
    {
        if (Full)
        {
            return false;
        }

        lock (_gate)
        {
            if (subscription.Take(ref push, out var frame) is not DeliveryStep.Send)
            {
                return true;
            }

            Received++;
            if (KeepsFrames)
            {
                _frames.Add(frame!);
            }
        }

        return true;
    }

    /// <summary>Counts those that have to begin anew.</summary>
    public void Interrupt(Subscription subscription, StreamPosition? top)
    {
        lock (_gate)
        {
            if (subscription.Interrupt(top) is DeliveryStep.InsufficientState)
            {
                Interrupted.Add(subscription);
            }
        }
    }

    /// <summary>Subscriptions that have to begin anew.</summary>
    public List<Subscription> Interrupted { get; } = [];

    public void EndSubscription(Subscription subscription, UnsubscribeCode code)
    {
        lock (_gate)
        {
            subscription.State = SubscriptionState.Ended;
            Ended.TryAdd(subscription, code);
        }
    }

    public void Disconnect(DisconnectCode code)
    {
        lock (_gate)
        {
            DisconnectedWith ??= code;
            Disconnects++;
        }
    }
}
