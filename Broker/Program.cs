using ClawEvents.Broker;

if (args is ["healthcheck"])
{
    return await HealthCheck.RunAsync();
}

if (args is ["--version"])
{
    Console.WriteLine($"clawevents-broker {BrokerVersion.Number}");
    return 0;
}

var configuration = Startup.Configure(args);
var reader = new BrokerOptionsReader(configuration);
var options = reader.Read();
if (reader.Faults.Count > 0)
{
    return Startup.Refuse(reader.Faults);
}

return await Startup.RunAsync(options, configuration);
