using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>A copy of a delivery, which itself does not outlive the call.</summary>
internal sealed record RecordedDelivery(
    ChannelName Channel, StreamPosition Position, string Data, string Previous, ClientInfo? Publisher, IReadOnlyDictionary<string, string>? Tags)
{
    /// <summary>Of a map, without its data.</summary>
    public MapPublication? Change { get; init; }
}

/// <summary>Records the deliveries of an engine.</summary>
internal sealed class RecordingReceiver : IChannelReceiver
{
    private readonly Lock _gate = new();
    private readonly List<RecordedDelivery> _deliveries = [];
    private readonly List<string> _comings = [];
    private readonly List<(ChannelName Channel, StreamPosition? Top)> _interruptions = [];

    /// <summary>An action to run within a delivery.</summary>
    public Action? OnDeliver { get; set; }

    public RecordedDelivery[] Deliveries
    {
        get
        {
            lock (_gate)
            {
                return [.. _deliveries];
            }
        }
    }

    /// <summary>Joins and leaves: <c>+user</c>, <c>-user</c>.</summary>
    public string[] Comings
    {
        get
        {
            lock (_gate)
            {
                return [.. _comings];
            }
        }
    }

    public (ChannelName Channel, StreamPosition? Top)[] Interruptions
    {
        get
        {
            lock (_gate)
            {
                return [.. _interruptions];
            }
        }
    }

    public void Deliver(ChannelName channel, in DeliveredPublication publication)
    {
        OnDeliver?.Invoke();
        var (data, previous) = (publication.Publication.Data.Text(), publication.Previous.Text());
        lock (_gate)
        {
            _deliveries.Add(new(channel, publication.Position, data, previous, publication.Publication.Publisher, publication.Publication.Tags)
            {
                Change = publication.Change is { } change ? change with { Publication = default } : null,
            });
        }
    }

    public void DeliverJoin(ChannelName channel, ClientInfo client) => Note($"+{client.User}");

    public void DeliverLeave(ChannelName channel, ClientInfo client) => Note($"-{client.User}");

    public void DeliverInterruption(ChannelName channel, StreamPosition? top)
    {
        lock (_gate)
        {
            _interruptions.Add((channel, top));
        }
    }

    /// <summary>The deliveries so far, once there are so many: an engine with a server delivers later than it answers.</summary>
    public async Task<RecordedDelivery[]> WaitForAsync(int count)
    {
        using var patience = new CancellationTokenSource(RunningBroker.Patience);
        while (Deliveries.Length < count)
        {
            await Task.Delay(1, patience.Token);
        }

        return Deliveries;
    }

    private void Note(string coming)
    {
        lock (_gate)
        {
            _comings.Add(coming);
        }
    }
}
