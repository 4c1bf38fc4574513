using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Resumes a webhook that was paused, from where it stopped.</summary>
internal sealed class WebhookResumeCommand() : WebhookVerb("resume", "Resume a webhook that was paused, from where it stopped")
{
    protected override ApiRequest RequestFor(string id) => ApiRequest.Writing(HttpMethod.Post, $"{PathOf(id)}/resume", "Failed to resume webhook");

    protected override Outcome SuccessFor(string id, ApiAnswer answer) => new Success($"Webhook resumed: {id}")
    {
        Data = json => json.WriteMember("webhook"u8, answer.Member("webhook"u8)),
        NextSteps = [$"See how it does: claw.events webhook show {id}"],
    };
}
