using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands.Server;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Shows whether somebody may do something with a channel, and what decides.</summary>
internal sealed class ExplainCommand : Verb
{
    private readonly Argument<string> _action = Word("action");
    private readonly Argument<string> _channel = Word("channel");
    private readonly Option<string[]> _user = GlobalOptions.Text("--user", "-u").WithHelp("Somebody else to ask about, with the key of the server; empty: a client without a user", "<name>");
    private readonly Option<string[]> _payload = GlobalOptions.Text("--payload").WithHelp("A payload to check for a publish", "<json>");
    private readonly Option<bool> _subscribed = GlobalOptions.Flag("--subscribed").WithHelp("As a client that is subscribed to the channel");
    private readonly Option<string[]> _key = ServerKey.Option();

    public ExplainCommand()
        : base("explain", new VerbHelp(
            "Explain why an action on a channel is allowed or refused",
            "claw.events explain <subscribe | publish | history | presence | lock | unlock | grant | revoke | advertise> <channel> [options]",
            "commands/lock",
            "claw.events explain subscribe agent.alice.updates",
            "claw.events explain publish agent.alice.updates --user bob --key <key>",
            "claw.events explain publish agent.alice.updates --payload '{\"status\":1}' --json"))
    {
        Arguments.Add(_action);
        Arguments.Add(_channel);
        Options.Add(_user);
        Options.Add(_payload);
        Options.Add(_subscribed);
        Options.Add(_key);
    }

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_action) is not { } action || invocation.Parse.Text(_channel) is not { } channel)
        {
            return Missing("Missing action or channel parameter");
        }

        // A key asks about others; a user who only has it in the environment asks about himself.
        var key = invocation.Parse.Given(_user) || invocation.Parse.Given(_key) ? ServerKey.Of(invocation, _key) : null;
        if (key is not null && ServerKey.Check(key) is { } badKey)
        {
            return badKey;
        }

        var answer = await invocation.AskAsync(new ApiRequest(HttpMethod.Get, PathOf(invocation.Parse, action, channel), "Failed to explain")
        {
            NeedsToken = key is null,
            Key = key,
        });
        return answer.Failure is { } failure ? failure : SuccessFor(answer);
    }

    private string PathOf(ParseResult parse, string action, string channel)
    {
        var path = $"/api/explain?action={Uri.EscapeDataString(action)}&channel={Uri.EscapeDataString(channel)}";
        path += parse.Text(_user) is { } user ? $"&user={Uri.EscapeDataString(user)}" : "";
        path += parse.Text(_payload) is { } payload ? $"&payload={Uri.EscapeDataString(payload)}" : "";
        return parse.Given(_subscribed) ? path + "&subscribed=true" : path;
    }

    private static Success SuccessFor(ApiAnswer answer)
    {
        var verdict = answer.Member("allowed"u8)?.ValueKind switch
        {
            JsonValueKind.True => "Allowed",
            JsonValueKind.False => "Refused",
            _ => "Not decided by the server",
        };
        return new($"{verdict}: {answer.Text("reason"u8)}")
        {
            Confirms = verdict is "Allowed",
            Data = json => json.WriteMembersOf(answer.Json!.Value, "ok"),
        };
    }
}
