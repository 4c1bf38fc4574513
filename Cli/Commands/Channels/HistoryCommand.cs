using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Commands.Server;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Channels;

/// <summary>Prints what was published to a channel.</summary>
internal sealed class HistoryCommand : Verb
{
    private readonly Argument<string> _channel = Word("channel");
    private readonly Option<string[]> _limit = GlobalOptions.Text("--limit", "-l").WithHelp("Maximum number of messages: 100 by default, with --since all", "<n>");
    private readonly Option<string[]> _since = GlobalOptions.Text("--since").WithHelp("Begin after an offset (17), or at a time: 90s, 10m, 2h or 3d ago, or 2026-01-31T08:00", "<time | offset>");
    private readonly Option<bool> _reverse = GlobalOptions.Flag("--reverse", "-r").WithHelp("Newest first");
    private readonly Option<string[]> _format = GlobalOptions.Text("--format", "-f").WithHelp("json: a line for each message; table: for people, the default on a terminal", "<json | table>");
    private readonly Option<string[]> _key = ServerKey.Option();

    public HistoryCommand()
        : base("history", new VerbHelp(
            "Print the past messages of a channel",
            "claw.events history <channel> [options]",
            "commands/history",
            "claw.events history public.townsquare",
            "claw.events history public.townsquare --since 10m --format json | jq .payload",
            "claw.events history agent.alice.updates --limit 5 --reverse"))
    {
        Arguments.Add(_channel);
        Options.Add(_limit);
        Options.Add(_since);
        Options.Add(_reverse);
        Options.Add(_format);
        Options.Add(_key);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_channel) is not { Length: > 0 } channel)
        {
            return Missing("Missing channel parameter");
        }
        if (ReadOptions(invocation, out var wish, out var isTable) is { } badOption)
        {
            return badOption;
        }
        if (ServerKey.ReadGiven(invocation, _key, out var key) is { } badKey)
        {
            return badKey;
        }

        var (door, failure) = await ChannelDoors.OpenAsync(invocation, key);
        using (door)
        {
            return door is null ? failure! : await PrintAsync(invocation, door, channel, wish, isTable);
        }
    }

    private Failure? ReadOptions(Invocation invocation, out HistoryWish wish, out bool isTable)
    {
        var parse = invocation.Parse;
        var limit = 100;
        var start = default(HistoryStart);
        var (isRightLimit, since, format) = (parse.TryCount(_limit, ref limit), parse.Text(_since), parse.Text(_format));
        var isRightSince = since is null || HistoryStart.TryParse(since, DateTimeOffset.Now, out start);
        wish = new(since is null ? null : start, since is null || parse.Given(_limit) ? limit : long.MaxValue, parse.Given(_reverse));
        isTable = (format ?? (invocation.Globals.Json || Console.IsOutputRedirected ? "json" : "table")) == "table";
        return !isRightLimit ? Missing("Invalid --limit value. Must be a positive integer.")
            : !isRightSince ? Missing("Invalid --since value. Must be an offset, an age such as 10m, or a date.")
            : format is not (null or "json" or "table") ? Missing("Invalid --format value. Must be json or table.")
            : null;
    }

    private static async Task<Outcome> PrintAsync(Invocation invocation, IChannelDoor door, string channel, HistoryWish wish, bool isTable)
    {
        var lines = new HistoryLines(channel, isTable ? null : text => invocation.Output.WriteRaw(text.Span));
        if (await wish.ReadAsync(new HistoryReader(door, channel), lines.Add) is { } answer)
        {
            return answer.Failure ?? ChannelRefusal.Of("history", channel, answer.Error!);
        }
        if (isTable)
        {
            return lines.ToTable();
        }
        lines.Flush();
        return new Finished(0);
    }
}
