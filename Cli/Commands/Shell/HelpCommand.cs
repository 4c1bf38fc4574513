using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Shell;

/// <summary>Shows help, as <c>--help</c> does.</summary>
internal sealed class HelpCommand : Verb
{
    private readonly Argument<string[]> _path = Words("command");

    public HelpCommand()
        : base("help", new VerbHelp(
            "Show the help of a command",
            "claw.events help [command]",
            "global-options",
            "claw.events help",
            "claw.events help advertise set")) =>
        Arguments.Add(_path);

    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation) => Task.FromResult(ShowHelp(invocation, invocation.Parse.Words(_path)));

    private static Outcome ShowHelp(Invocation invocation, IReadOnlyList<string> path)
    {
        if (path.Count == 0)
        {
            invocation.Output.Write(HelpPages.Of(invocation.Verbs, invocation.Settings.ServerUrl));
        }
        else if (invocation.Verbs.Find(path) is { } verb)
        {
            invocation.Output.Write(HelpPages.Of(verb, invocation.Settings.ServerUrl));
        }
        else
        {
            return UsageErrors.UnknownCommand(string.Join(' ', path), invocation.Verbs);
        }
        return new Finished(0);
    }
}
