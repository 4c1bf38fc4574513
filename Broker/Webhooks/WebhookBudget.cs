namespace ClawEvents.Broker.Webhooks;

/// <summary>What all webhooks of a node may use together. Thread-safe.</summary>
internal sealed class WebhookBudget : IDisposable
{
    /// <summary>Deliveries at the same time.</summary>
    public const int MaxDeliveries = 256;

    /// <summary>Bytes of publications that wait in memory, because their channels have no history.</summary>
    public const int MaxHeardBytes = 64 * 1024 * 1024;

    private int _heardBytes;

    /// <summary>A place for each delivery, in the order of the requests.</summary>
    public SemaphoreSlim Places { get; } = new(MaxDeliveries);

    /// <returns>False when there is no room.</returns>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _heardBytes, bytes) <= MaxHeardBytes)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _heardBytes, -bytes);

    public void Dispose() => Places.Dispose();
}
