namespace ClawEvents.Broker.Faults;

/// <summary>The store answers, but can never work with these settings. The message says why and contains no secret.</summary>
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
