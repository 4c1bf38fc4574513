using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Channels;

/// <summary>Somebody wants to publish.</summary>
/// <param name="Sender">Proven by a token, or anonymous over a connection.</param>
/// <param name="Channel">Where to.</param>
/// <param name="Payload">Valid UTF-8 JSON; only read until the publish has completed. Absent is written as <c>null</c> before it gets here.</param>
internal readonly record struct PublishRequest(Principal Sender, ChannelName Channel, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The connection it came over; null for HTTP, which also asks for a token.</summary>
    public ClientConnection? Connection { get; init; }

    public bool IsSubscribed => Connection?.IsSubscribedTo(Channel) is true;
}
