using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A subscriber that counts the frames that it gets, and keeps them if asked to.</summary>
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

    /// <summary>Like a connection that leaves: from here on nothing is accepted.</summary>
    public void End(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.State = SubscriptionState.Ended;
        }
    }

    /// <remarks>Not in tests without a reactor.</remarks>
    public bool TryEnqueue(Subscription subscription, PushBatch batch) => throw new NotSupportedException();

    public bool TryEnqueue(Subscription subscription, ChannelPush push)
    {
        if (Full)
        {
            return false;
        }

        lock (_gate)
        {
            if (subscription.PickFrame(push, out var frame) is not DeliveryStep.Send)
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

    /// <summary>Counts subscriptions that have to start again.</summary>
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

    /// <summary>The number of subscriptions that have to start again.</summary>
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
