namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>Publishes to a channel.</summary>
internal record struct PublishCommand
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel;

    /// <summary>
    /// The payload: over JSON its text as the client spelt it, over Protobuf any bytes (<see cref="JsonPayload.IsValid"/> says whether they
    /// are JSON). Null when missing, which is not the same as a JSON null. Protobuf cannot distinguish missing from empty: both are null.
    /// </summary>
    public ReadOnlyMemory<byte>? Data;

    /// <summary>The command is about a map or a shared poll: its <c>type</c> is not 0. This broker has streams only.</summary>
    public bool HasOtherType;
}
