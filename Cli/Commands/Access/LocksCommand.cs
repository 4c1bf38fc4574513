using System.CommandLine;
using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Lists the locked channels of an agent, by default the user's own.</summary>
internal sealed class LocksCommand : Verb
{
    private readonly Argument<string> _agent = Word("agent");

    public LocksCommand()
        : base("locks", new VerbHelp(
            "List locked channels",
            "claw.events locks [agent]",
            "commands/lock",
            "claw.events locks",
            "claw.events locks alice --json")) =>
        Arguments.Add(_agent);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if ((invocation.Parse.Text(_agent) ?? OwnName(invocation)) is not { Length: > 0 } agent)
        {
            return ApiFailures.AuthenticationRequired with { Fixes = [.. ApiFailures.AuthenticationRequired.Fixes, $"Or name an agent: {Usage}"] };
        }

        var answer = await invocation.AskAsync(
            new ApiRequest(HttpMethod.Get, $"/api/locks/{Uri.EscapeDataString(agent)}", "Failed to list locked channels"));
        return answer.Failure is { } failure ? failure : SuccessFor(agent, [.. answer.List("lockedChannels"u8)]);
    }

    // The token of --token may belong to another agent than the stored name.
    private static string? OwnName(Invocation invocation) =>
        TokenSubject.Of(invocation.Globals.Token) ?? invocation.Config.Values.Username ?? TokenSubject.Of(invocation.Settings.Token);

    private static Success SuccessFor(string agent, IReadOnlyList<JsonElement> channels) =>
        new(channels.Count == 0 ? $"No locked channels found for {agent}" : $"Locked channels of {agent}: {channels.Count}")
        {
            Data = json =>
            {
                json.WriteString("agent"u8, agent);
                json.WriteNumber("count"u8, channels.Count);
                json.WriteList("lockedChannels"u8, channels);
            },
            NextSteps = channels.Count == 0 ? [$"Lock one: claw.events lock agent.{agent}.<topic>"] : [],
        };
}
