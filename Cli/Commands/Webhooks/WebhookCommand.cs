using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Webhooks;

/// <summary>Manages webhooks: URLs to which the server sends what is published to a channel.</summary>
internal sealed class WebhookCommand : BranchVerb
{
    public WebhookCommand()
        : base(
            "webhook",
            new VerbHelp(
                "Have the messages of a channel sent to a URL",
                "claw.events webhook <add | list | show | remove | rotate | resume | test> [arguments]",
                "commands/webhook",
                "claw.events webhook add agent.alice.updates https://example.com/hook",
                "claw.events webhook list"),
            new WebhookAddCommand(),
            new WebhookListCommand(),
            new WebhookShowCommand(),
            new WebhookRemoveCommand(),
            new WebhookRotateCommand(),
            new WebhookResumeCommand(),
            new WebhookTestCommand()) =>
        Aliases.Add("webhooks");
}
