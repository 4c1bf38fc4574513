using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Shows one of the user's webhooks, and why it is paused if it is.</summary>
internal sealed class WebhookShowCommand : WebhookVerb
{
    public WebhookShowCommand()
        : base("show", "Show a webhook, and why it is paused if it is") => Aliases.Add("get");

    protected override ApiRequest RequestFor(string id) => ApiRequest.Writing(HttpMethod.Get, PathOf(id), "Failed to show webhook");

    protected override Outcome SuccessFor(string id, ApiAnswer answer) => new Success($"Webhook details for: {id}")
    {
        Data = json => json.WriteMember("webhook"u8, answer.Member("webhook"u8)),
        NextSteps = [$"Send a test message: claw.events webhook test {id}", $"Remove it: claw.events webhook remove {id}"],
    };
}
