using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.State;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ClawEvents.Broker;

/// <summary>What happens around the broker's run: where settings come from, what it says at start, how it ends.</summary>
internal static class Startup
{
    private static readonly Dictionary<string, string> ShortArguments = new() { ["-c"] = ConfigArgument };

    private const string ConfigArgument = "config";

    /// <summary>
    /// Settings: <c>appsettings.json</c> of the working folder, then what a Centrifugo is configured with (<c>--config FILE</c> and its
    /// environment variables), then our environment variables, then <c>--NAME=VALUE</c> arguments; the last one wins.
    /// </summary>
    /// <param name="args">The program's.</param>
    /// <param name="centrifugo">What became of Centrifugo's settings.</param>
    /// <exception cref="FormatException">See <see cref="CentrifugoConfiguration.Read"/>.</exception>
    /// <exception cref="IOException">See <see cref="CentrifugoConfiguration.Read"/>.</exception>
    public static IConfiguration Configure(string[] args, out CentrifugoConfiguration centrifugo)
    {
        var file = new ConfigurationBuilder().AddCommandLine(args, ShortArguments).Build()[ConfigArgument];
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);
        centrifugo = CentrifugoConfiguration.Read(file, variables);
        return new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddInMemoryCollection(centrifugo.Settings)
            .AddEnvironmentVariables()
            .AddCommandLine(args, ShortArguments)
            .Build();
    }

    // Of rules for one category the last one holds. The hosting's own account of requests has their queries in it, and with them the key
    // of a server API that is called with ?api_key=: nobody switches that on.
    private static void AddLogging(WebApplicationBuilder builder, IConfiguration configuration) => builder.Logging
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddConfiguration(configuration.GetSection("Logging"))
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });

    /// <summary>Says what is wrong with the settings. The exit code is that of sysexits' EX_CONFIG.</summary>
    public static int Refuse(IEnumerable<string> faults)
    {
        const int wrongConfiguration = 78;
        foreach (var fault in faults)
        {
            Console.Error.WriteLine($"clawevents-broker: {fault}");
        }

        return wrongConfiguration;
    }

    /// <summary>Builds a broker and runs it until SIGINT or SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(BrokerOptions options, IConfiguration configuration)
    {
        WebApplication broker;
        try
        {
            broker = BrokerApplication.Build(options, builder => AddLogging(builder, configuration));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refuse([DataFolderFault(options, exception)]);
        }
        catch (StoreRefusedException exception)
        {
            return Refuse([$"REDIS_URL: {exception.Message}. Example: REDIS_URL=redis://:password@localhost:6379/0"]);
        }

        await using (broker)
        {
            return await RunAsync(broker, options);
        }
    }

    private static async Task<int> RunAsync(WebApplication broker, BrokerOptions options)
    {
        try
        {
            await broker.StartAsync();
        }
        catch (IOException exception)
        {
            // The address is taken, as a rule.
            return Refuse([$"PORT: cannot listen on {options.Host}:{options.Port}: {exception.Message} Example: PORT=8081"]);
        }

        Announce(broker, options);
        await broker.WaitForShutdownAsync();
        return 0;
    }

    private static string DataFolderFault(BrokerOptions options, Exception exception) =>
        $"CLAW_DATA_DIR: the folder '{options.DataFolder}' cannot be used: {exception.Message.TrimEnd('.')}. Example: CLAW_DATA_DIR=/var/lib/clawevents";

    private static void Announce(WebApplication broker, BrokerOptions options)
    {
        var address = broker.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var url = ReadableUrl(address);
        Console.Out.WriteLine($"clawevents-broker {BrokerVersion.Number} listening on {url}{(options.DevMode ? " (development mode: anybody gets a token)" : "")}");
        Console.Out.WriteLine($"store:     {broker.Services.GetRequiredService<IStateStore>().Description}");
        Console.Out.WriteLine($"publish:   claw.events --server {url} pub public.townsquare hello");
        Console.Out.WriteLine($"subscribe: claw.events --server {url} sub public.townsquare");
    }

    private static string ReadableUrl(string address)
    {
        var uri = new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal));
        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && ip.Equals(IPAddress.Any)
            ? $"{uri.Scheme}://localhost:{uri.Port}"
            : $"{uri.Scheme}://{uri.Authority}";
    }
}
