using ClawEvents.Broker.Hub;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Commands;

/// <summary>The subscriptions of a connect, on their way into its reply; or why there will be none. One thread's.</summary>
internal sealed class ConnectOpening
{
    private readonly List<Subscription> _subscriptions = [];
    private readonly List<ServerSubscription> _results = [];

    /// <summary>No subscriptions. Not changed by anybody.</summary>
    public static ConnectOpening Nothing { get; } = new();

    /// <summary>Pending.</summary>
    public IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    /// <summary>What the client is to be told of them; null: nothing.</summary>
    public IReadOnlyList<ServerSubscription>? Results => _results.Count == 0 ? null : _results;

    /// <summary>The connect is answered with it.</summary>
    public ErrorCode? Error { get; private set; }

    /// <summary>The connection ends with it.</summary>
    public DisconnectCode? Disconnect { get; private set; }

    public bool IsRefused => Error is not null || Disconnect is not null;

    public void Add(Subscription subscription, in SubscribeResult result)
    {
        _subscriptions.Add(subscription);
        _results.Add(new(subscription.Channel, result));
    }

    public void Refuse(ErrorCode error) => Error = error;

    public void Refuse(DisconnectCode code) => Disconnect = code;
}
