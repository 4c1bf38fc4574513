using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ClawEvents.Broker;

/// <summary>Says how the broker starts and stops: a few lines for people, or events where the log is read by programs. docs/reference/logs.md</summary>
internal sealed partial class StartLog(BrokerOptions options, ILogger<StartLog> logger)
{
    // How Kestrel shows the address of a Unix socket.
    private const string UnixPrefix = "http://unix:";

    private readonly bool _isForPeople = IsForPeople(options);

    /// <summary>Whether lines that are no events may stand in the output.</summary>
    public static bool IsForPeople(BrokerOptions options) => options.Listeners.LogFormat == LoggingSettingsReader.TextFormat;

    /// <summary>Logs what is odd about the settings; people have read it on the error output, before the start.</summary>
    public void Warn(IEnumerable<string> notices)
    {
        foreach (var notice in notices)
        {
            Log.Notice(logger, notice);
        }
    }

    /// <param name="broker">Started.</param>
    public void Announce(WebApplication broker)
    {
        var addresses = AddressesOf(broker);
        var url = AddressOf(broker);
        var internalUrl = options.Listeners.InternalPort is null ? null : ReadableUrl(addresses.Last(), listensOnLocalhost: false);
        var store = broker.Services.GetRequiredService<IStateStore>().Description;
        if (_isForPeople)
        {
            Print(url, DoorsAmong(addresses), internalUrl, store);
        }
        else
        {
            Log.Started(logger, BrokerVersion.Number, url, internalUrl ?? "no internal port", store, options.Api.DevMode);
        }
    }

    /// <param name="broker">Started.</param>
    /// <returns>The public address, for people.</returns>
    public string AddressOf(WebApplication broker) => ReadableUrl(AddressesOf(broker).First(), options.Listeners is { Host: "localhost", Port: > 0 });

    /// <summary>The broker begins to stop.</summary>
    public void Stopping(int connections) => Log.Stopping(logger, connections, options.Listeners.ShutdownTimeout.TotalSeconds);

    /// <summary>Every connection has ended, and the state is stored.</summary>
    public void Stopped() => Log.Stopped(logger);

    private void Print(string url, IEnumerable<string> doors, string? internalUrl, string store)
    {
        Console.Out.WriteLine($"clawevents-broker {BrokerVersion.Number} listening on {url}{(options.Api.DevMode ? " (development mode: anybody gets a token)" : "")}");
        if (internalUrl is not null)
        {
            Console.Out.WriteLine($"internal:  {internalUrl}");
        }

        foreach (var door in doors)
        {
            Console.Out.WriteLine($"gRPC:      {door}");
        }

        Console.Out.WriteLine($"store:     {store}");
        if (ListenerOptions.SocketPathOf(options.Listeners.Host) is null)
        {
            // Otherwise a proxy in front has the address that clients use.
            if (options.Api.ShowsPages)
            {
                Console.Out.WriteLine($"open:      {url}/");
            }

            Console.Out.WriteLine($"publish:   claw.events --server {url} pub public.townsquare hello");
            Console.Out.WriteLine($"subscribe: claw.events --server {url} sub public.townsquare");
        }
    }

    // They follow those of the public port; one of localhost has two.
    private IEnumerable<string> DoorsAmong(ICollection<string> addresses)
    {
        var place = BrokerListeners.EndPointsOf(options.Listeners.Host, options.Listeners.Port).Count();
        foreach (var door in options.Grpc.Doors)
        {
            yield return $"{ReadableUrl(addresses.ElementAt(place), listensOnLocalhost: false)} ({door.Prefix})";
            place += BrokerListeners.EndPointsOf(door.Host, door.Port).Count();
        }
    }

    private static ICollection<string> AddressesOf(WebApplication broker) => broker.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Notice}")]
        public static partial void Notice(ILogger logger, string notice);

        [LoggerMessage(2, LogLevel.Information, "Started version {Version} on {Address} ({InternalAddress}), with the state in {Store}. Development mode: {IsDevMode}.")]
        public static partial void Started(ILogger logger, string version, string address, string internalAddress, string store, bool isDevMode);

        [LoggerMessage(3, LogLevel.Information, "Stopping: {Connections} clients are still connected, and have {Seconds} s to go.")]
        public static partial void Stopping(ILogger logger, int connections, double seconds);

        [LoggerMessage(4, LogLevel.Information, "Stopped.")]
        public static partial void Stopped(ILogger logger);
    }
}
