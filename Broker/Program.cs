using ClawEvents.Broker;

return await BrokerMain.RunAsync(args, []);
