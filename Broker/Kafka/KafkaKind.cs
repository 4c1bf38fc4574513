using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Kafka;

/// <summary>Adds Kafka to the queues that a broker reads.</summary>
internal sealed class KafkaKind : IConsumerKind
{
    public string Type => KafkaOptions.TypeName;

    public IConsumer Make(ConsumerOptions options, ConsumerWork work, ILoggerFactory loggers) =>
        new KafkaConsumer((KafkaOptions)options, work, loggers.CreateLogger<KafkaConsumer>());
}
