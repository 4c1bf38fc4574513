using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Consumers;

/// <summary>Reads one queue.</summary>
internal interface IConsumer
{
    /// <summary>Reads until it is cancelled, whatever happens to the queue's server. Called once.</summary>
    Task RunAsync(CancellationToken cancellation);
}

/// <summary>A kind of queue that a program reads besides those of this room, because its client library does not belong in every broker. docs/decisions/0021-consumers.md</summary>
/// <param name="Type">As in <see cref="ConsumerOptions.Type"/>.</param>
/// <param name="Make">Makes the reader of one queue, from options of this type.</param>
internal sealed record ConsumerKind(string Type, Func<ConsumerOptions, ConsumerWork, ILoggerFactory, IConsumer> Make);

/// <param name="MaxPayloadBytes">Of one command. A longer one is skipped.</param>
internal sealed record ConsumerLimits(int MaxPayloadBytes);
