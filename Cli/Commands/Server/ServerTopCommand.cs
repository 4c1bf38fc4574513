using System.CommandLine;
using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Channels;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Server;

/// <summary>Shows the channels with the most traffic: again and again on a terminal, otherwise once.</summary>
internal sealed class ServerTopCommand : Verb
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Option<string[]> _by = GlobalOptions.Text("--by").WithHelp("messages (the default), bytes, deliveries or subscribers", "<kind>");
    private readonly Option<string[]> _limit = GlobalOptions.Text("--limit", "-l").WithHelp("Number of channels, 20 by default", "<number>");
    private readonly Option<string[]> _node = GlobalOptions.Text("--node").WithHelp("One node alone, by its id", "<id>");
    private readonly Option<string[]> _channel = GlobalOptions.Text("--channel").WithHelp("Exact counts of a channel from now on; may be repeated", "<channel>");
    private readonly Option<bool> _once = GlobalOptions.Flag("--once").WithHelp("Show it once, also on a terminal");
    private readonly Option<string[]> _key = ServerKey.Option();

    public ServerTopCommand()
        : base("top", new VerbHelp(
            "Show the channels with the most traffic",
            "claw.events server top [options]",
            "commands/server",
            "claw.events server top",
            "claw.events server top --by bytes --limit 5 --once",
            "claw.events server top --channel public.townsquare"))
    {
        Options.Add(_by);
        Options.Add(_limit);
        Options.Add(_node);
        Options.Add(_channel);
        Options.Add(_once);
        Options.Add(_key);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (ServerKey.Read(invocation, _key, out var key) is { } badKey)
        {
            return badKey;
        }

        var request = new ApiRequest(HttpMethod.Get, PathOf(invocation.Parse), "Failed to read the traffic") { Key = key };
        using var api = invocation.OpenApi();
        var repeats = !invocation.Globals.Json && !invocation.Parse.Given(_once) && !Console.IsOutputRedirected;
        while (true)
        {
            var answer = await api.SendAsync(request);
            if (ServerApi.Explained(answer) is { } failure)
            {
                return failure;
            }

            if (invocation.Globals.Json)
            {
                return new Success("Traffic by channel") { Data = json => json.WriteMembersOf(answer.Json!.Value, "ok") };
            }

            invocation.Output.WriteRaw(Encoding.UTF8.GetBytes((repeats ? "\u001b[H\u001b[2J" : "") + TopTable.Of(answer)));
            if (!repeats)
            {
                return new Finished(0);
            }

            await Task.Delay(Interval);
        }
    }

    private string PathOf(ParseResult parse)
    {
        var query = new List<string>();
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        Add("by", parse.Text(_by));
        Add("limit", parse.Text(_limit));
        Add("node", parse.Text(_node));
        foreach (var channel in parse.GetResult(_channel)?.Tokens ?? [])
        {
            Add("channel", channel.Value);
        }

        return query.Count == 0 ? "/api/top" : $"/api/top?{string.Join('&', query)}";
    }
}
