using System.Diagnostics;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>The push of a publication that is traced, or that changes a map. A class of its own, so that the others are not larger for it.</summary>
/// <param name="fanOut">The span of its fan-out; null: it is not traced.</param>
internal sealed class DetailedPush(ChannelName channel, in DeliveredPublication publication, Activity? fanOut) : ChannelPush(channel, publication)
{
    private readonly MapPublication? _change = publication.Change;

    public Activity? FanOut { get; } = fanOut;

    /// <inheritdoc/>
    protected override WirePublication Describe(PublicationForm form, ReadOnlyMemory<byte> data) =>
        _change is null ? base.Describe(form, data) : base.Describe(form, data).With(_change);
}
