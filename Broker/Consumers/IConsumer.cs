using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Consumers;

/// <summary>Reads one queue.</summary>
internal interface IConsumer
{
    /// <summary>Reads until it is cancelled, whatever happens to the queue's server. Called once.</summary>
    Task RunAsync(CancellationToken cancellation);
}

/// <summary>A kind of queue that a program reads besides those of this room, because its client library does not belong in every broker. docs/decisions/0021-consumers.md</summary>
internal interface IConsumerKind
{
    /// <inheritdoc cref="ConsumerOptions.Type"/>
    string Type { get; }

    /// <param name="options">Of this type.</param>
    /// <param name="work">Carries out the messages.</param>
    IConsumer Make(ConsumerOptions options, ConsumerWork work, ILoggerFactory loggers);
}

/// <param name="MaxPayloadBytes">Of one command. A longer one is skipped.</param>
internal sealed record ConsumerLimits(int MaxPayloadBytes);
