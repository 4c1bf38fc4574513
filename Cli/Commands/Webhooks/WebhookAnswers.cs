using System.Net;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>What the answers about webhooks have in common.</summary>
internal static class WebhookAnswers
{
    public const string SaveSecret = "Save the secret now: it is not shown again";

    private const string SeeYours = "See your webhooks: claw.events webhook list";

    /// <summary>Writes the webhook and its secret, which the server sends only in this answer.</summary>
    public static void WriteSecret(Utf8JsonWriter json, ApiAnswer answer)
    {
        json.WriteMember("webhook"u8, answer.Member("webhook"u8));
        json.WriteMember("secret"u8, answer.Member("secret"u8));
        json.WriteMember("hint"u8, answer.Member("hint"u8));
    }

    /// <summary>A server that has the paths answers with an error of its own.</summary>
    public static Failure OfSwitchedOff(ApiAnswer answer, Failure failure) => answer.Status is HttpStatusCode.NotFound
        ? new Failure("This server has no webhooks", "Ask its operator to set Webhooks=true", "Or listen instead: claw.events sub <channel>")
        : failure;

    public static Failure OfMissing(string id) => new($"Webhook '{id}' not found", SeeYours, "Check who is logged in: claw.events whoami");
}
