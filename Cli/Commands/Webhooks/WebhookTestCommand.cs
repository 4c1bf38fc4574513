using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Has the server send a test message, and says how the receiver has answered.</summary>
internal sealed class WebhookTestCommand() : WebhookVerb("test", "Send a test message to a webhook, once, and show the answer")
{
    protected override ApiRequest RequestFor(string id) => ApiRequest.Writing(HttpMethod.Post, $"{PathOf(id)}/test", "Failed to test webhook");

    protected override Outcome SuccessFor(string id, ApiAnswer answer) => answer.Member("delivered"u8)?.ValueKind is JsonValueKind.True
        ? new Success($"The receiver of {id} has accepted a test message")
        {
            Data = json => json.WriteMember("status"u8, answer.Member("status"u8)),
        }
        : new Failure(
            $"The receiver has not accepted the test message: {answer.Text("fault"u8)}",
            "Check that the URL is reachable from the server and answers with a status of 2xx",
            $"See the webhook: claw.events webhook show {id}");
}
