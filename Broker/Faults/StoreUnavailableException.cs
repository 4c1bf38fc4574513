namespace ClawEvents.Broker.Faults;

/// <summary>The store did not answer, or cannot work now. A change may have been made or not; trying again can help.</summary>
internal sealed class StoreUnavailableException : Exception
{
    /// <summary>What a client is told: why its request was refused, without addresses.</summary>
    public string Problem { get; init; } = "store unavailable";

    public StoreUnavailableException()
    {
    }

    /// <param name="message">For the operator's log; clients get <see cref="Problem"/>.</param>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="StoreUnavailableException(string)"/>
    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
