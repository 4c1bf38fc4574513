namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Asks which clients are subscribed to a channel, or how many.</summary>
internal record struct PresenceCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;
}
