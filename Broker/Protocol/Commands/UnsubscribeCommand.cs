namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Ends a subscription.</summary>
internal record struct UnsubscribeCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;
}
