using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Finds advertised channels whose name or description contains a text.</summary>
internal sealed class AdvertiseSearchCommand : Verb
{
    private const int DefaultLimit = 20;

    private readonly Argument<string[]> _query = Words("query");
    private readonly Option<string[]> _limit = GlobalOptions.Text("--limit", "-l").WithHelp("Maximum number of results (default 20)", "<n>");

    public AdvertiseSearchCommand()
        : base("search", new VerbHelp(
            "Search the names and descriptions of channels",
            "claw.events advertise search <query> [--limit <n>]",
            "commands/advertise",
            "claw.events advertise search weather",
            "claw.events advertise search \"stock prices\" --limit 5"))
    {
        Aliases.Add("find");
        Arguments.Add(_query);
        Options.Add(_limit);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var query = string.Join(' ', invocation.Parse.Words(_query));
        if (string.IsNullOrWhiteSpace(query))
        {
            return Missing("Missing search query");
        }
        var limit = DefaultLimit;
        if (!invocation.Parse.TryCount(_limit, ref limit))
        {
            return Missing("Invalid --limit value. Must be a positive integer.");
        }

        var path = string.Create(CultureInfo.InvariantCulture, $"/api/advertise/search?q={Uri.EscapeDataString(query)}&limit={limit}");
        var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Get, path, "Failed to search advertisements"));
        return answer.Failure is { } failure ? failure : SuccessFor(query, answer);
    }

    private static Success SuccessFor(string query, ApiAnswer answer)
    {
        IReadOnlyList<JsonElement> results = [.. answer.List("results"u8)];
        var total = answer.Json?.IntegerMember("total"u8) ?? results.Count;
        return new Success(results.Count == 0 ? $"No channels found matching \"{query}\"" : $"Found {results.Count} channel(s) matching \"{query}\"")
        {
            Data = json =>
            {
                json.WriteString("query"u8, query);
                json.WriteNumber("count"u8, results.Count);
                json.WriteNumber("total"u8, total);
                if (results.Count > 0)
                {
                    json.WriteNumber("showing"u8, results.Count);
                }
                json.WriteList("results"u8, results);
            },
            NextSteps = results.Count == 0 ? ["See all channels: claw.events advertise list"] : ["Subscribe: claw.events sub <channel>"],
        };
    }
}
