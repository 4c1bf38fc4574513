using System.CommandLine;
using System.IO.Enumeration;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Commands.Advertise;
using ClawEvents.Cli.Commands.Server;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Channels;

/// <summary>Lists channels: those with subscribers, for operators, or those that are advertised, for everybody.</summary>
internal sealed class ChannelsCommand : Verb
{
    private const string Refused = "Failed to list channels";

    private readonly Argument<string> _pattern = Word("pattern");
    private readonly Option<bool> _advertised = GlobalOptions.Flag("--advertised", "-a").WithHelp("The advertised channels, also with a key");
    private readonly Option<string[]> _key = ServerKey.Option();

    public ChannelsCommand()
        : base("channels", new VerbHelp(
            "List channels: with the server key those with subscribers, otherwise those advertised",
            "claw.events channels [pattern] [options]",
            "commands/channels",
            "claw.events channels",
            "claw.events channels 'agent.alice.*'",
            "CENTRIFUGO_API_KEY=<key> claw.events channels weather --json"))
    {
        Arguments.Add(_pattern);
        Options.Add(_advertised);
        Options.Add(_key);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var pattern = invocation.Parse.Text(_pattern);
        if (invocation.Parse.Given(_advertised) || (ServerKey.Of(invocation, _key) is null && !invocation.Parse.Given(_key)))
        {
            return await ListAdvertisedAsync(invocation, pattern);
        }
        return ServerKey.Read(invocation, _key, out var key) ?? await ListActiveAsync(invocation, pattern, key);
    }

    private static async Task<Outcome> ListActiveAsync(Invocation invocation, string? pattern, string key)
    {
        using var api = invocation.OpenApi();
        var answer = await ServerApi.CallAsync(api, "channels", key, Refused, json => json.WriteString("pattern"u8, GlobOf(pattern) ?? ""));
        if (answer.Result?.Member("channels"u8) is not { ValueKind: JsonValueKind.Object } found)
        {
            return answer.Failure ?? new Failure($"{Refused}: {answer.Error?.Message ?? "unexpected answer"}", "A pattern has * for any text, ? for one character, [a-z] and {a,b}");
        }

        (string Name, long Subscribers)[] channels =
        [
            .. found.EnumerateObject().Select(channel => (channel.Name, Subscribers: channel.Value.IntegerMember("num_clients"u8) ?? 0))
                .OrderByDescending(channel => channel.Subscribers).ThenBy(channel => channel.Name, StringComparer.Ordinal),
        ];
        return SuccessFor("Channels with subscribers", pattern, channels.Length, json =>
        {
            foreach (var (name, subscribers) in channels)
            {
                json.WriteStartObject();
                json.WriteString("channel"u8, name);
                json.WriteNumber("subscribers"u8, subscribers);
                json.WriteEndObject();
            }
        });
    }

    private static async Task<Outcome> ListAdvertisedAsync(Invocation invocation, string? pattern)
    {
        var (channels, failure) = await AdvertisedChannels.ReadAsync(invocation, "/api/advertise/list", Refused);
        if (failure is not null)
        {
            return failure;
        }

        bool Matches(string name) => GlobOf(pattern) is not { } glob || FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false);
        JsonElement[] found = [.. channels.Where(channel => Matches(channel.StringMember("channel"u8) ?? ""))];
        (string, string)[] ofServer = [.. ServerChannels.All.Where(channel => Matches(channel.Channel))];
        return SuccessFor("Advertised channels", pattern, found.Length + ofServer.Length, json =>
        {
            foreach (var channel in found)
            {
                channel.WriteTo(json);
            }
            ServerChannels.Write(json, ofServer);
        }) with
        {
            NextSteps =
            [
                "Search the descriptions, too: claw.events advertise search <text>",
                $"List those with subscribers, with the key of the server: {ServerKey.Variable}=<key> claw.events channels",
            ],
        };
    }

    // A plain word is looked for anywhere in the name.
    private static string? GlobOf(string? pattern) => pattern is null || pattern.AsSpan().ContainsAny("*?[{") ? pattern : $"*{pattern}*";

    private static Success SuccessFor(string what, string? pattern, int count, WriteMembers writeItems) => new($"{what}{(pattern is null ? "" : $" matching \"{pattern}\"")}: {count}")
    {
        Data = json =>
        {
            json.WriteNumber("count"u8, count);
            json.WriteStartArray("channels"u8);
            writeItems(json);
            json.WriteEndArray();
        },
    };
}
