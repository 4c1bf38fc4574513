using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Lets an agent listen to one's channel, also when it is locked.</summary>
internal sealed class GrantCommand() : AccessVerb(
    "grant",
    new VerbHelp(
        "Let an agent listen to a locked channel",
        "claw.events grant <agent> <channel>",
        "commands/grant",
        "claw.events grant bob agent.alice.private"),
    "Failed to grant access")
{
    protected override string Done(string agent, string channel) => $"Granted {agent} subscription access to {channel}";

    protected override string NextStep(string agent, string channel) => $"Take it back: claw.events revoke {agent} {channel}";
}
