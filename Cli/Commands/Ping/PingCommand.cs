using System.CommandLine;
using System.Net;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Commands.Ping;

/// <summary>Measures how fast the server answers, over HTTP and over the WebSocket.</summary>
internal sealed class PingCommand : Verb
{
    private const int MaxCount = 1_000;

    // Any answer counts: a server that knows no such path has answered.
    private const string Path = "/health/live";

    // Ending a subscription that is not there changes nothing, needs no right, and is answered by every server of the protocol.
    private const string Command = "unsubscribe";
    private const string Channel = "public.ping";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Option<string[]> _count = GlobalOptions.Text("--count", "-n").WithHelp("Number of round trips, 5 by default", "<n>");

    public PingCommand()
        : base("ping", new VerbHelp(
            "Measure how fast the server answers",
            "claw.events ping [options]",
            "commands/ping",
            "claw.events ping",
            "claw.events ping --server http://localhost:8080 --count 100 --json")) =>
        Options.Add(_count);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var count = 5;
        if (!invocation.Parse.TryCount(_count, ref count) || count > MaxCount)
        {
            return Missing($"Invalid --count value. Must be a number from 1 to {MaxCount}.");
        }

        var (http, noHttp) = await PingHttpAsync(invocation, count);
        if (noHttp is not null)
        {
            return noHttp;
        }
        var (socket, noSocket) = await PingSocketAsync(invocation, count);
        if (noSocket is not null)
        {
            return noSocket with { Data = json => WriteTimes(json, http!) };
        }
        return new Success($"{invocation.Settings.ServerUrl} answers") { Data = json => WriteTimes(json, http!, socket!) };
    }

    private static async Task<(PingTimes? Times, Failure? Failure)> PingHttpAsync(Invocation invocation, int count)
    {
        var url = invocation.Settings.ServerUrl;
        if ((Settings.CheckUrl(url, Uri.UriSchemeHttp, Uri.UriSchemeHttps, out var server) ?? invocation.Trust.Failure) is { } failure)
        {
            return (null, failure);
        }

        using var http = ApiHttp.Open(invocation.Trust, Patience);
        async Task<Failure?> AskAsync()
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(server.AbsoluteUri.TrimEnd('/') + Path));
                return answer.StatusCode < HttpStatusCode.InternalServerError ? null
                    : ApiFailures.Unreachable(url, new($"it answers with status {(int)answer.StatusCode}"));
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                return ApiFailures.Unreachable(url, ConnectFault.Of(exception, server.Host, invocation.Trust));
            }
            catch (TaskCanceledException)
            {
                return ApiFailures.Unreachable(url, new("no answer in time"));
            }
        }

        return await PingTimes.MeasureAsync("http", count, AskAsync, AskAsync);
    }

    private static async Task<(PingTimes? Times, Failure? Failure)> PingSocketAsync(Invocation invocation, int count)
    {
        var result = await PingSocketAsync(invocation, count, invocation.Settings.Token);
        // A token that is not accepted says nothing about the server: sub goes on without it, too.
        var (times, failure, _) = result is { IsRefused: true } && invocation.Settings.Token is not null ? await PingSocketAsync(invocation, count, token: null) : result;
        return (times, failure);
    }

    private static async Task<(PingTimes? Times, Failure? Failure, bool IsRefused)> PingSocketAsync(Invocation invocation, int count, string? token)
    {
        if (ChannelDoors.OpenConnection(invocation, out var connection) is { } badSettings)
        {
            return (null, badSettings, false);
        }

        var isRefused = false;
        Failure? FailureOf(CommandAnswer answer)
        {
            isRefused = answer.Error is not null;
            return answer.Error is { } error ? ChannelDoors.Refused(error) : answer.Failure;
        }

        using (connection)
        {
            var (times, failure) = await PingTimes.MeasureAsync(
                "websocket",
                count,
                async () => FailureOf(await connection.ConnectAsync(token)),
                async () => FailureOf(await connection.AskAsync(Command, json => json.WriteString("channel"u8, Channel))));
            return (times, failure, isRefused);
        }
    }

    private static void WriteTimes(Utf8JsonWriter json, params ReadOnlySpan<PingTimes> ways)
    {
        json.WriteStartArray("ways"u8);
        foreach (var way in ways)
        {
            way.Write(json);
        }
        json.WriteEndArray();
    }
}
