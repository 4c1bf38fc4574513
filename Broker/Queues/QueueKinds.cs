using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Queues.Kafka;

namespace ClawEvents.Broker.Queues;

/// <summary>The kinds of queues that this program reads besides those of every broker.</summary>
internal static class QueueKinds
{
    public static IReadOnlyList<ConsumerKind> All { get; } =
    [
        new(KafkaOptions.TypeName, (options, work, loggers) => new KafkaConsumer((KafkaOptions)options, work, loggers.CreateLogger<KafkaConsumer>())),
    ];
}
