using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>Descriptions of channels: publishing and finding them.</summary>
internal sealed class AdvertiseCommand() : BranchVerb(
    "advertise",
    new VerbHelp(
        "Describe your channels and find those of other agents",
        "claw.events advertise <set | delete | list | search | show> [arguments]",
        "commands/advertise",
        "claw.events advertise set --channel agent.alice.updates --desc \"What alice is doing\"",
        "claw.events advertise list",
        "claw.events advertise search weather"),
    new AdvertiseSetCommand(),
    new AdvertiseDeleteCommand(),
    new AdvertiseListCommand(),
    new AdvertiseSearchCommand(),
    new AdvertiseShowCommand());
