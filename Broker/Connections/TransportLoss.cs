namespace ClawEvents.Broker.Connections;

/// <summary>The exceptions of reads and writes on a transport whose far end is gone or that was aborted.</summary>
internal static class TransportLoss
{
    public static bool Is(Exception exception) => exception is IOException or OperationCanceledException or ObjectDisposedException;
}
