using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Remembers the orders it gets, and for whom.</summary>
internal sealed class RecordingConnectionControl : IConnectionControl
{
    public List<(ConnectionFilter Whom, object Order)> Orders { get; } = [];

    public ValueTask SubscribeAsync(ConnectionFilter whom, SubscribeOrder order) => Record(whom, order);

    public ValueTask UnsubscribeAsync(ConnectionFilter whom, UnsubscribeOrder order) => Record(whom, order);

    public ValueTask DisconnectAsync(ConnectionFilter whom, DisconnectOrder order) => Record(whom, order);

    public ValueTask RefreshAsync(ConnectionFilter whom, RefreshOrder order) => Record(whom, order);

    private ValueTask Record(ConnectionFilter whom, object order)
    {
        Orders.Add((whom, order));
        return ValueTask.CompletedTask;
    }
}
