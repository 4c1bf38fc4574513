namespace ClawEvents.Broker.Connections;

/// <summary>What reading from or writing to a transport throws when the far end is gone or the connection was cut.</summary>
internal static class TransportLoss
{
    public static bool Is(Exception exception) => exception is IOException or OperationCanceledException or ObjectDisposedException;
}
