using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Shell;

/// <summary>Writes the manual page.</summary>
internal sealed class ManCommand() : Verb("man", new VerbHelp(
    "Write the manual page",
    "claw.events man",
    "global-options",
    "claw.events man | man -l -",
    "claw.events man > ~/.local/share/man/man1/claw.events.1"))
{
    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation)
    {
        invocation.Output.WriteRaw(Encoding.UTF8.GetBytes(new ManualPage(invocation.Verbs).Write()));
        return Task.FromResult<Outcome>(new Finished(0));
    }
}
