using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Text;
using ClawEvents.Broker.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ClawEvents.Broker;

/// <summary>Runs the broker: reports faults, announces the address, reloads on a signal, returns the exit code.</summary>
internal static class Startup
{
    /// <summary>Reports faults of the settings. The exit code is EX_CONFIG of sysexits.</summary>
    public static int Refuse(IEnumerable<string> faults)
    {
        const int wrongConfiguration = 78;
        ErrorOutput.Write(faults);
        return wrongConfiguration;
    }

    /// <summary>Builds a broker and runs it until SIGINT or SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var settings = StartupSettings.Read(arguments);
        if (settings.Faults.Count > 0)
        {
            return Refuse(settings.Faults);
        }

        if (settings.Ignored.Count > 0)
        {
            ErrorOutput.Write([$"Centrifugo settings without effect here, ignored: {string.Join(", ", settings.Ignored)}"]);
        }

        ErrorOutput.Write(settings.Unknown);
        if (settings.Options.Identity.ClientTokens.SkipsSignatures)
        {
            ErrorOutput.Write(["SkipTokenSignatures: token signatures are not verified: any client can claim any identity. Do not use in production."]);
        }

        if (settings.Options.Identity.AllowUnboundProfileLogin)
        {
            ErrorOutput.Write(["AllowUnboundProfileLogin: any client that reads a new signature in a profile first gets the token. Update the clients, then remove this setting."]);
        }

        return await RunAsync(settings.Options, new CurrentSettings(settings.Configuration), arguments);
    }

    private static async Task<int> RunAsync(BrokerOptions options, CurrentSettings current, string[] arguments)
    {
        WebApplication broker;
        try
        {
            broker = BrokerApplication.Build(options, builder => AddReload(builder, current));
        }
        catch (Exception exception) when (StartFault.Describe(exception, options) is { } fault)
        {
            return Refuse([fault]);
        }

        await using (broker)
        {
            var reload = broker.Services.GetRequiredService<SettingsReload>();
            using var hangUp = HangUpSignal.Register(() => reload.Run(() => StartupSettings.Read(arguments)));
            return await RunAsync(broker, options);
        }
    }

    private static void AddReload(WebApplicationBuilder builder, CurrentSettings current)
    {
        builder.Services.AddSingleton(current).AddSingleton<SettingsReload>();
        ConsoleLog.Add(builder.Logging, new ConfigurationBuilder().Add(current).Build().GetSection("Logging"));
    }

    private static async Task<int> RunAsync(WebApplication broker, BrokerOptions options)
    {
        try
        {
            await broker.StartAsync();
        }
        catch (CannotListenException exception)
        {
            return Refuse([StartFault.Describe(exception, options)]);
        }

        Announce(broker, options);
        await broker.WaitForShutdownAsync();
        return 0;
    }

    private static void Announce(WebApplication broker, BrokerOptions options)
    {
        var addresses = broker.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var url = ReadableUrl(addresses.First(), options.Listeners is { Host: "localhost", Port: > 0 });
        Console.Out.WriteLine($"clawevents-broker {BrokerVersion.Number} listening on {url}{(options.Api.DevMode ? " (development mode: anybody gets a token)" : "")}");
        if (options.Listeners.InternalPort is not null)
        {
            Console.Out.WriteLine($"internal:  {ReadableUrl(addresses.Last(), listensOnLocalhost: false)}");
        }

        Console.Out.WriteLine($"store:     {broker.Services.GetRequiredService<IStateStore>().Description}");
        if (ListenerOptions.SocketPathOf(options.Listeners.Host) is null)
        {
            // Otherwise a proxy in front has the address that clients use.
            Console.Out.WriteLine($"publish:   claw.events --server {url} pub public.townsquare hello");
            Console.Out.WriteLine($"subscribe: claw.events --server {url} sub public.townsquare");
        }
    }

    // How Kestrel shows the address of a Unix socket.
    private const string UnixPrefix = "http://unix:";

    private static string ReadableUrl(string address, bool listensOnLocalhost)
    {
        if (address.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return $"unix:{address[UnixPrefix.Length..]}";
        }

        var uri = new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal));
        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || listensOnLocalhost)
            ? $"{uri.Scheme}://localhost:{uri.Port}"
            : $"{uri.Scheme}://{uri.Authority}";
    }
}
