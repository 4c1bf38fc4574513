using System.CommandLine;
using System.Globalization;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Bench;
using ClawEvents.Cli.Commands.Server;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Bench;

/// <summary>The options of a benchmark, their limits, and what they ask of the server before it begins.</summary>
internal sealed class BenchArguments(BenchRole role)
{
    private readonly Option<string[]> _channel = GlobalOptions.Text("--channel").WithHelp("Channel to use; public.bench by default", "<channel>");
    private readonly Option<string[]> _publishers = GlobalOptions.Text("--publishers").WithHelp("Publishers, 1 to 1000; 1 by default", "<number>");
    private readonly Option<string[]> _subscribers = GlobalOptions.Text("--subscribers").WithHelp("Subscribers, 1 to 20000; 1 by default", "<number>");
    private readonly Option<string[]> _size = GlobalOptions.Text("--size").WithHelp("Bytes of a message, 96 to 1000000; 128 by default", "<bytes>");
    private readonly Option<string[]> _count = GlobalOptions.Text("--count").WithHelp(role is BenchRole.Sub ? "End when each subscriber has this many messages" : "Messages of each publisher, instead of a duration", "<number>");
    private readonly Option<string[]> _duration = GlobalOptions.Text("--duration").WithHelp("Seconds, 1 to 3600; 10 by default", "<seconds>");
    private readonly Option<string[]> _inFlight = GlobalOptions.Text("--in-flight").WithHelp("Messages of a publisher that wait for a reply, 1 to 10000; 1 by default", "<number>");
    private readonly Option<string[]> _rate = GlobalOptions.Text("--rate").WithHelp("Messages per second of each publisher; by default as many as possible", "<number>");
    private readonly Option<string[]> _key = GlobalOptions.Text("--key").WithHelp($"Publish through the server API with this key; - reads it from {ServerKey.Variable}", "<key>");
    private readonly Option<bool> _register = GlobalOptions.Flag("--register").WithHelp("Give each publisher a token of its own, from a server in development mode");
    private readonly Option<bool> _csv = GlobalOptions.Flag("--csv").WithHelp("Output as CSV");
    private readonly Option<bool> _yes = GlobalOptions.Flag("--yes").WithHelp("Allow a server that is not on this machine");

    public IEnumerable<Option> All => role switch
    {
        BenchRole.Pub => [_channel, _publishers, _size, _count, _duration, _inFlight, _rate, _key, _register, _csv, _yes],
        BenchRole.Sub => [_channel, _subscribers, _count, _duration, _csv, _yes],
        _ => [_channel, _publishers, _subscribers, _size, _count, _duration, _inFlight, _rate, _key, _register, _csv, _yes],
    };

    public bool WantsCsv(Invocation invocation) => invocation.Parse.Given(_csv);

    public (BenchOptions? Options, Failure? Failure) Read(Invocation invocation)
    {
        var settings = invocation.Settings;
        var failure = Settings.CheckUrl(settings.ServerUrl, Uri.UriSchemeHttp, Uri.UriSchemeHttps, out var api)
            ?? Settings.CheckUrl(settings.WebSocketUrl, Uri.UriSchemeWs, Uri.UriSchemeWss, out _)
            ?? invocation.Trust.Failure
            ?? (settings.Token is null ? null : settings.CheckToken());
        if (failure is not null)
        {
            return (null, failure);
        }
        var socket = new Uri(settings.WebSocketUrl);
        if (!invocation.Parse.Given(_yes) && !(IsThisMachine(socket) && IsThisMachine(api)))
        {
            return (null, new Failure(
                $"{socket.Host} is not this machine: a benchmark takes the time of everybody who uses that server",
                "Name your own: claw.events --server http://localhost:8080 bench …", "Add --yes if that server is yours and may be loaded"));
        }
        var numbers = new Numbers(invocation.Parse);
        var options = new BenchOptions(role, socket, api, invocation.Trust)
        {
            Channel = invocation.Parse.Text(_channel) ?? "public.bench",
            Publishers = (int)numbers.Read(_publishers, 1, 1, 1_000),
            Subscribers = (int)numbers.Read(_subscribers, 1, 1, 20_000),
            Size = (int)numbers.Read(_size, 128, BenchPayload.LeastBytes, 1_000_000),
            Count = numbers.Read(_count, 0, 1, 100_000_000),
            Duration = TimeSpan.FromSeconds(numbers.Read(_duration, 10, 1, 3_600)),
            InFlight = (int)numbers.Read(_inFlight, 1, 1, 10_000),
            Rate = (int)numbers.Read(_rate, 0, 1, 1_000_000),
            Key = invocation.Parse.Text(_key) is "-" ? invocation.Variable(ServerKey.Variable) : invocation.Parse.Text(_key),
            Token = settings.Token,
        };
        return (options, numbers.Failure ?? CheckKey(invocation, options));
    }

    /// <summary>Gets the publishers' tokens where they are wanted.</summary>
    public async Task<(BenchOptions? Options, Failure? Failure)> RegisterAsync(Invocation invocation, BenchOptions options)
    {
        if (!invocation.Parse.Given(_register))
        {
            return (options, null);
        }
        var tokens = new List<string>();
        for (var i = 1; i <= options.Publishers; i++)
        {
            var user = string.Create(CultureInfo.InvariantCulture, $"bench-{i}");
            var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Post, "/auth/dev-register", $"Cannot register {user}")
            {
                Body = json => json.WriteString("username"u8, user),
            });
            if (answer.Failure is { } failure)
            {
                return (null, failure with { Fixes = ["Start the server with CLAW_DEV_MODE=true", "Or publish with --token or --key"] });
            }
            tokens.Add(answer.Text("token"u8) ?? "");
        }
        return (options with { PublisherTokens = tokens }, null);
    }

    private Failure? CheckKey(Invocation invocation, BenchOptions options) =>
        invocation.Parse.Given(_key) && !ServerKey.IsUsable(options.Key ?? "")
            ? new Failure("The key is missing or contains invalid characters", $"Pass it: --key KEY, or --key - with {ServerKey.Variable} set")
            : null;

    private static bool IsThisMachine(Uri address) =>
        address.IsLoopback || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private sealed class Numbers(ParseResult parse)
    {
        public Failure? Failure { get; private set; }

        public long Read(Option option, long fallback, long least, long most)
        {
            if (parse.Text(option) is not { } text)
            {
                return fallback;
            }
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }
            Failure ??= new Failure($"Invalid {option.Name}: {text}", $"Use a whole number from {least} to {most}");
            return fallback;
        }
    }
}
