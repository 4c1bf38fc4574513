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

    /// <summary>The kind of channel that the client expects: 0 a stream, 1 a map, 2 a map of clients, 3 a map of users, 4 a shared poll. Any
    /// number may come.</summary>
    public int Type;

    /// <summary>The part of a map that the client asks for.</summary>
    public PageWish Page;

    public SubscriptionWish Wish;
}
