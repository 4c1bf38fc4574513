using ClawEvents.Broker;
using ClawEvents.Broker.Configuration;

if (args is ["healthcheck", .. var where])
{
    return await HealthCheck.RunAsync(where);
}

if (args is ["--version"])
{
    Console.WriteLine($"clawevents-broker {BrokerVersion.Number}");
    return 0;
}

IConfiguration configuration;
CentrifugoConfiguration centrifugo;
try
{
    configuration = Startup.Configure(args, out centrifugo);
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
{
    return Startup.Refuse([$"--config: {exception.Message.TrimEnd('.')}. Example: --config config.json"]);
}

var reader = new BrokerOptionsReader(configuration);
var options = reader.Read();
if (reader.Faults.Count > 0)
{
    return Startup.Refuse(reader.Faults);
}

if (centrifugo.Ignored.Count > 0)
{
    Console.Error.WriteLine($"clawevents-broker: these settings of Centrifugo mean nothing here and are passed over: {string.Join(", ", centrifugo.Ignored)}");
}

return await Startup.RunAsync(options, configuration);
