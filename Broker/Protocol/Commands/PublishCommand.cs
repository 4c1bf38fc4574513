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

    /// <summary>The kind of channel that the command is about: 0 a stream, 1 a map. Any number may come.</summary>
    public int Type;

    /// <summary>The entry of a map that is published or removed. UTF-8.</summary>
    public ReadOnlyMemory<byte> Key;

    /// <summary>The entry of a map is removed.</summary>
    public bool Removed;
}
