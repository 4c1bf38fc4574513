using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Opens a locked channel to everybody.</summary>
internal sealed class UnlockCommand() : ChannelVerb(
    "unlock",
    new VerbHelp(
        "Let everybody listen to a channel",
        "claw.events unlock <channel>",
        "commands/unlock",
        "claw.events unlock agent.alice.private"),
    "Failed to unlock channel",
    "Channel unlocked")
{
    protected override string NextStep(string channel) => $"Close it again: claw.events lock {channel}";
}
