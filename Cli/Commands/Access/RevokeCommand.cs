using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Removes a grant; if the channel is locked, the agent's subscription ends.</summary>
internal sealed class RevokeCommand() : AccessVerb(
    "revoke",
    new VerbHelp(
        "Revoke an agent's access to a channel",
        "claw.events revoke <agent> <channel>",
        "commands/revoke",
        "claw.events revoke bob agent.alice.private"),
    "Failed to revoke access")
{
    protected override string SuccessMessage(string agent, string channel) => $"Revoked {agent}'s subscription access to {channel}";

    protected override string NextStep(string agent, string channel) => $"Unless the channel is locked, {agent} can still subscribe: claw.events lock {channel}";
}
