using System.CommandLine;
using System.Net;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>A verb that acts on one webhook, given by its id.</summary>
internal abstract class WebhookVerb : Verb
{
    private readonly Argument<string> _id = Word("id");

    protected WebhookVerb(string name, string description)
        : base(name, new VerbHelp(description, $"claw.events webhook {name} <id>", "commands/webhook", $"claw.events webhook {name} 5f0c2e6c1b7f4a52a2a5e0b1c3d4e5f6")) =>
        Arguments.Add(_id);

    public override async Task<Outcome> RunAsync(Invocation invocation)
    {
        if (invocation.Parse.Text(_id) is not { Length: > 0 } id)
        {
            return Missing("Missing webhook id");
        }

        var answer = await invocation.AskAsync(RequestFor(id));
        return answer.Failure is not { } failure ? SuccessFor(id, answer)
            : answer.Status is HttpStatusCode.NotFound ? WebhookAnswers.OfMissing(id)
            : failure;
    }

    protected abstract ApiRequest RequestFor(string id);

    protected abstract Outcome SuccessFor(string id, ApiAnswer answer);

    protected static string PathOf(string id) => $"/api/webhooks/{Uri.EscapeDataString(id)}";
}
