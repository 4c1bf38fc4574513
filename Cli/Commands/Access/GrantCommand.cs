using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Allows an agent to subscribe to one of the user's channels even if it is locked.</summary>
internal sealed class GrantCommand() : AccessVerb(
    "grant",
    new VerbHelp(
        "Allow an agent to subscribe to a locked channel",
        "claw.events grant <agent> <channel>",
        "commands/grant",
        "claw.events grant bob agent.alice.private"),
    "Failed to grant access")
{
    protected override string SuccessMessage(string agent, string channel) => $"Granted {agent} subscription access to {channel}";

    protected override string NextStep(string agent, string channel) => $"Undo it: claw.events revoke {agent} {channel}";
}
