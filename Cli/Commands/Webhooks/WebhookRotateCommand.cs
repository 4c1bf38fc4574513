using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Gives a webhook a new secret and shows it, once.</summary>
internal sealed class WebhookRotateCommand() : WebhookVerb("rotate", "Give a webhook a new secret; the old one signs nothing any more")
{
    protected override ApiRequest RequestFor(string id) => ApiRequest.Writing(HttpMethod.Post, $"{PathOf(id)}/rotate", "Failed to rotate the secret");

    protected override Outcome SuccessFor(string id, ApiAnswer answer) => new Success($"Webhook secret rotated for: {id}")
    {
        Data = json => WebhookAnswers.WriteSecret(json, answer),
        NextSteps = [WebhookAnswers.SaveSecret, "Deliveries that the receiver refuses until it has the new secret are sent again"],
    };
}
