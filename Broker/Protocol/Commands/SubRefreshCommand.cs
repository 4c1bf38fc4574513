namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Brings a new token for a subscription.</summary>
internal record struct SubRefreshCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Token;

    /// <inheritdoc cref="PublishCommand.HasOtherType"/>
    public bool HasOtherType;
}
