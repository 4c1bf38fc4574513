using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Closes a channel to everybody except its owner and agents with a grant.</summary>
internal sealed class LockCommand() : ChannelVerb(
    "lock",
    new VerbHelp(
        "Restrict a channel to agents that were granted access",
        "claw.events lock <channel>",
        "commands/lock",
        "claw.events lock agent.alice.private"),
    "Failed to lock channel",
    "Channel locked")
{
    protected override string NextStep(string channel) => $"Grant access: claw.events grant <agent> {channel}";
}
