namespace ClawEvents.Broker.Consumers;

/// <summary>Reads one queue.</summary>
internal interface IConsumer
{
    /// <summary>Reads until it is cancelled, whatever happens to the queue's server. Called once.</summary>
    Task RunAsync(CancellationToken cancellation);
}

/// <param name="MaxPayloadBytes">Of one command. A longer one is skipped.</param>
internal sealed record ConsumerLimits(int MaxPayloadBytes);
