using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Lists the user's webhooks.</summary>
internal sealed class WebhookListCommand : Verb
{
    public WebhookListCommand()
        : base("list", new VerbHelp(
            "List your webhooks",
            "claw.events webhook list",
            "commands/webhook",
            "claw.events webhook list",
            "claw.events webhook list --json")) =>
        Aliases.Add("ls");

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        var answer = await invocation.AskAsync(ApiRequest.Writing(HttpMethod.Get, "/api/webhooks", "Failed to list webhooks"));
        return answer.Failure is { } failure ? WebhookAnswers.OfSwitchedOff(answer, failure) : SuccessFor([.. answer.List("webhooks"u8)]);
    }

    private static Success SuccessFor(IReadOnlyList<JsonElement> webhooks) =>
        new(webhooks.Count == 0 ? "No webhooks found" : $"Found {webhooks.Count} webhook(s)")
        {
            Data = json =>
            {
                json.WriteList("webhooks"u8, webhooks);
                json.WriteNumber("count"u8, webhooks.Count);
            },
            NextSteps = webhooks.Count == 0
                ? ["Add one: claw.events webhook add <channel> <url>"]
                : ["Show one: claw.events webhook show <id>", "Resume one that is paused: claw.events webhook resume <id>"],
        };
}
