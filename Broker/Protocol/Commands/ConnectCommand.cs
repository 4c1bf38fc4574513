namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Opens a connection: the first command of every client.</summary>
internal record struct ConnectCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Token;

    /// <inheritdoc cref="PublishCommand.Data"/>
    public ReadOnlyMemory<byte>? Data;

    /// <summary>Null when there are none, so that a plain connect costs no object.</summary>
    public ConnectDetails? Details;
}
