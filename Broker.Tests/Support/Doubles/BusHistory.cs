using System.Globalization;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;

namespace ClawEvents.Broker.Tests.Support.Doubles;

/// <summary>Records what a node hears, each channel in its order: publications whose data is a number, and notices of interruptions.</summary>
internal sealed class BusHistory : IChannelReceiver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelName, List<Heard>> _heard = [];

    public Heard[] Of(ChannelName channel)
    {
        lock (_gate)
        {
            return _heard.TryGetValue(channel, out var heard) ? [.. heard] : [];
        }
    }

    /// <summary>How many publications were heard.</summary>
    public int Count(ChannelName channel) => Of(channel).Count(heard => heard.Number is not null);

    /// <summary>The number that was heard last; 0 for none.</summary>
    public int Last(ChannelName channel) => Of(channel).LastOrDefault(heard => heard.Number is not null).Number ?? 0;

    public void Deliver(ChannelName channel, in DeliveredPublication publication) =>
        Add(channel, new(int.Parse(publication.Publication.Data.Text(), CultureInfo.InvariantCulture), publication.Position.Offset, 0));

    public void DeliverJoin(ChannelName channel, ClientInfo client) => throw new NotSupportedException();

    public void DeliverLeave(ChannelName channel, ClientInfo client) => throw new NotSupportedException();

    public void DeliverInterruption(ChannelName channel, StreamPosition? top) => Add(channel, new(null, 0, top?.Offset ?? 0));

    private void Add(ChannelName channel, Heard heard)
    {
        lock (_gate)
        {
            if (!_heard.TryGetValue(channel, out var list))
            {
                _heard.Add(channel, list = []);
            }

            list.Add(heard);
        }
    }

    /// <param name="Number">Null: a notice.</param>
    /// <param name="Offset">Of a publication with history.</param>
    /// <param name="Top">The offset of a notice.</param>
    public readonly record struct Heard(int? Number, ulong Offset, ulong Top);
}
