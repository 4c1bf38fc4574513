namespace ClawEvents.Broker.Connections;

/// <summary>Carries out what a client sends.</summary>
internal interface IMessageHandler
{
    /// <summary>Carries out the commands of one message and queues their replies.</summary>
    /// <param name="connection">Where the message came from. Its messages are handled one after another.</param>
    /// <param name="message">Valid UTF-8 if the connection's encoding is text; not used after the task has completed.</param>
    ValueTask HandleAsync(ClientConnection connection, ReadOnlyMemory<byte> message);
}
