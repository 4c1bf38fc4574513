using ClawEvents.Broker;
using ClawEvents.Broker.Queues;

return await BrokerMain.RunAsync(args, QueueKinds.All);
