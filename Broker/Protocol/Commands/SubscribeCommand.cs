namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Asks for the publications of a channel.</summary>
internal record struct SubscribeCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Token;

    /// <inheritdoc cref="PublishCommand.Data"/>
    public ReadOnlyMemory<byte>? Data;

    /// <inheritdoc cref="PublishCommand.HasOtherType"/>
    public bool HasOtherType;

    public SubscriptionWish Wish;
}
