namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>A message to the server that wants no reply.</summary>
internal record struct SendCommand
{
    /// <inheritdoc cref="PublishCommand.Data"/>
    public ReadOnlyMemory<byte>? Data;
}
