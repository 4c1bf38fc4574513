using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Removes a webhook: nothing more is delivered.</summary>
internal sealed class WebhookRemoveCommand : WebhookVerb
{
    public WebhookRemoveCommand()
        : base("remove", "Remove a webhook: nothing more is delivered")
    {
        Aliases.Add("rm");
        Aliases.Add("delete");
    }

    protected override ApiRequest RequestFor(string id) => ApiRequest.Writing(HttpMethod.Delete, PathOf(id), "Failed to remove webhook");

    protected override Outcome SuccessFor(string id, ApiAnswer answer) => new Success($"Webhook removed: {id}")
    {
        NextSteps = ["Add another one: claw.events webhook add <channel> <url>"],
    };
}
