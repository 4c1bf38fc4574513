using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Takes a grant back; on a locked channel the agent hears nothing more.</summary>
internal sealed class RevokeCommand() : AccessVerb(
    "revoke",
    new VerbHelp(
        "Take an agent's access to a channel back",
        "claw.events revoke <agent> <channel>",
        "commands/revoke",
        "claw.events revoke bob agent.alice.private"),
    "Failed to revoke access")
{
    protected override string Done(string agent, string channel) => $"Revoked {agent}'s subscription access to {channel}";

    protected override string NextStep(string agent, string channel) => $"Only a locked channel is closed to {agent}: claw.events lock {channel}";
}
