using ClawEvents.Broker;
using ClawEvents.Broker.Administration;

BundledLibraries.Register();
return BrokerCommand.Find(args) is { } command
    ? await command.RunAsync(args, new CommandHost())
    : await Startup.RunAsync(args);
