using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Programs with a name and a key of their own.</summary>
internal sealed class AppCommand : BranchVerb
{
    public AppCommand()
        : base(
            "app",
            new VerbHelp(
                "Make and manage apps, which publish with a key of their own",
                "claw.events app <create | list | show | rotate | delete> [arguments]",
                "concepts",
                "claw.events app create weather",
                "claw.events app list"),
            new AppCreateCommand(),
            new AppListCommand(),
            new AppShowCommand(),
            new AppRotateCommand(),
            new AppDeleteCommand()) =>
        Aliases.Add("apps");
}
