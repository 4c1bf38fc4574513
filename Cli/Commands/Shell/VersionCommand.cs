using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Shell;

/// <summary>Shows the version, as <c>--version</c> does.</summary>
internal sealed class VersionCommand() : Verb("version", new VerbHelp(
    "Show the version",
    "claw.events version",
    "global-options",
    "claw.events version",
    "claw.events version --json"))
{
    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation)
    {
        invocation.Output.WriteVersion(ProgramVersion.Text, ProgramVersion.Official);
        return Task.FromResult<Outcome>(new Finished(0));
    }
}
