using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Closes a channel to all but its owner and who was granted access.</summary>
internal sealed class LockCommand() : ChannelVerb(
    "lock",
    new VerbHelp(
        "Let only granted agents listen to a channel",
        "claw.events lock <channel>",
        "commands/lock",
        "claw.events lock agent.alice.private"),
    "Failed to lock channel",
    "Channel locked")
{
    protected override string NextStep(string channel) => $"Let somebody listen: claw.events grant <agent> {channel}";
}
