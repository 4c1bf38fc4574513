using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Consumers.JetStream;
using ClawEvents.Broker.Consumers.Outbox;
using ClawEvents.Broker.Consumers.Streams;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Consumers;

/// <summary>Makes the reader that fits a queue. Only here the client libraries come in.</summary>
/// <param name="others">What the program adds.</param>
internal sealed class ConsumerFactory(QueuedCommands commands, ConsumerLimits limits, NodeIdentity node, TimeProvider time, ILoggerFactory loggers, BrokerMetrics metrics, IEnumerable<ConsumerKind> others)
{
    public BrokerMetrics Metrics => metrics;

    public (ConsumerWork Work, IConsumer Consumer) Make(ConsumerOptions options)
    {
        var work = new ConsumerWork(options, commands, limits, time, loggers.CreateLogger<ConsumerWork>());
        return (work, Make(options, work));
    }

    private IConsumer Make(ConsumerOptions options, ConsumerWork work) => options switch
    {
        OutboxOptions outbox => new OutboxConsumer(outbox, work),
        RedisStreamOptions stream => new StreamConsumer(stream, work, node.Id, loggers),
        JetStreamOptions stream => new JetStreamConsumer(stream, work),
        _ => others.First(kind => kind.Type == options.Type).Make(options, work, loggers),
    };
}
