namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Calls a method of a back end.</summary>
internal record struct RpcCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Method;

    /// <inheritdoc cref="PublishCommand.Data"/>
    public ReadOnlyMemory<byte>? Data;
}
