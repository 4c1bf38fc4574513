using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Apps;

/// <summary>Manages apps: programs with their own name and key.</summary>
internal sealed class AppCommand : BranchVerb
{
    public AppCommand()
        : base(
            "app",
            new VerbHelp(
                "Create and manage apps, which publish with their own key",
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
