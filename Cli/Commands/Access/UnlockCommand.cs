using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Access;

/// <summary>Opens a locked channel to everybody.</summary>
internal sealed class UnlockCommand() : ChannelVerb(
    "unlock",
    new VerbHelp(
        "Open a locked channel to everybody",
        "claw.events unlock <channel>",
        "commands/unlock",
        "claw.events unlock agent.alice.private"),
    "Failed to unlock channel",
    "Channel unlocked")
{
    protected override string NextStep(string channel) => $"Lock it again: claw.events lock {channel}";
}
