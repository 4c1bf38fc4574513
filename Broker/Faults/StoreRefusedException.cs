namespace ClawEvents.Broker.Faults;

/// <summary>The store that the settings name is there and will never work with them; the message says why, without a secret.</summary>
internal sealed class StoreRefusedException : Exception
{
    public StoreRefusedException()
    {
    }

    public StoreRefusedException(string message)
        : base(message)
    {
    }

    public StoreRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
