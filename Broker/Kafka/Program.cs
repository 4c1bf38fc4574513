using ClawEvents.Broker;
using ClawEvents.Broker.Kafka;

return await BrokerMain.RunAsync(args, [new KafkaKind()]);
