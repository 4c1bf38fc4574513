namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Brings a new token for the connection.</summary>
internal record struct RefreshCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Token;
}
