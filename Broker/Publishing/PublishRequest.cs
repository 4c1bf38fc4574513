using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Publishing;

/// <summary>A client wants to publish.</summary>
/// <param name="Sender">Proven by a token, or anonymous over a connection.</param>
/// <param name="Publication">Its data is valid UTF-8 JSON, unless <see cref="MayBeBinary"/>, and only read until the publish has completed.</param>
internal readonly record struct PublishRequest(Principal Sender, ResolvedChannel Channel, Publication Publication)
{
    /// <summary>Counts an anonymous sender's publishes; null for HTTP, where every sender has a name.</summary>
    public AnonymousRate? AnonymousRate { get; init; }

    /// <summary>The sender's address, by which anonymous senders are counted, too.</summary>
    public AddressKey Address { get; init; }

    /// <summary>The data may be any bytes: it has not been checked.</summary>
    public bool MayBeBinary { get; init; }

    /// <summary>Whether the sender's connection is subscribed to the channel.</summary>
    public bool IsSubscribed { get; init; }
}
