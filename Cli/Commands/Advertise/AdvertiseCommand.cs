using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>What channels are about: saying it, and finding it.</summary>
internal sealed class AdvertiseCommand() : BranchVerb(
    "advertise",
    new VerbHelp(
        "Describe channels and find those of others",
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
