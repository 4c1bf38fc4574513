using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;
using ClawEvents.Broker.Queues.Kafka;
using ClawEvents.Broker.Queues.PubSub;
using ClawEvents.Broker.Queues.ServiceBus;
using ClawEvents.Broker.Queues.Sqs;

namespace ClawEvents.Broker.Queues;

/// <summary>The kinds of queues that this program reads besides those of every broker.</summary>
internal static class QueueKinds
{
    public static IReadOnlyList<ConsumerKind> All { get; } =
    [
        new(KafkaOptions.TypeName, (options, work, loggers) => new KafkaConsumer((KafkaOptions)options, work, loggers.CreateLogger<KafkaConsumer>())),
        new(PubSubOptions.TypeName, (options, work, _) => new PubSubConsumer((PubSubOptions)options, work)),
        new(SqsOptions.TypeName, (options, work, _) => new SqsConsumer((SqsOptions)options, work)),
        new(ServiceBusOptions.TypeName, (options, work, _) => new ServiceBusConsumer((ServiceBusOptions)options, work)),
    ];
}
