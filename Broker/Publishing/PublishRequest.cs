using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Publishing;

/// <summary>Somebody wants to publish.</summary>
/// <param name="Sender">Proven by a token, or anonymous over a connection.</param>
/// <param name="Channel">Where to.</param>
/// <param name="Payload">Valid UTF-8 JSON, unless <see cref="MayBeBinary"/>; only read until the publish has completed.</param>
internal readonly record struct PublishRequest(Principal Sender, ChannelName Channel, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The connection it came over; null for HTTP, which also asks for a token.</summary>
    public ClientConnection? Connection { get; init; }

    /// <summary>The payload came as any bytes: nobody has looked at it.</summary>
    public bool MayBeBinary { get; init; }

    public bool IsSubscribed => Connection?.Subscriptions.Contains(Channel) is true;
}
