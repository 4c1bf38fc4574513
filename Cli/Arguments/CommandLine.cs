using System.CommandLine;
using System.CommandLine.Parsing;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>Turns the words of a command line into a run of one verb.</summary>
internal sealed class CommandLine
{
    // Words reach a command as typed: a payload may begin with @ (a mention), and -vvv is one option, not three.
    private static readonly ParserConfiguration Literal = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    private readonly VerbTable _verbs;
    private readonly GlobalOptions _globalOptions = new();
    // Not a RootCommand: that adds its own directives, help and version.
    private readonly Command _root = new("claw.events");

    public CommandLine(IReadOnlyList<VerbGroup> groups)
    {
        _verbs = new VerbTable(groups);
        _globalOptions.AddTo(_root);
    }

    /// <summary>Runs the command that <paramref name="arguments"/> name and shows its outcome.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Looks up a variable; null if it is not set.</param>
    /// <param name="openOutput">Creates the output that the options ask for.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Func<string, string?> environment, Func<GlobalValues, IOutput> openOutput)
    {
        var parse = Parse(arguments);
        var (globals, noToken) = TokenInput.Read(_globalOptions.Read(parse));
        var output = openOutput(globals);

        var invocation = new Invocation(parse, globals, environment, output, _verbs);
        var verb = _globalOptions.HelpIsGlobal(parse) ? null : parse.CommandResult.Command as Verb;
        var outcome = noToken ?? (verb is null ? RunWithoutVerb(parse, invocation) : await RunVerbAsync(verb, invocation));
        output.WriteOutcome(globals.Json ? WithDocumentation(outcome, verb, invocation.Settings.ServerUrl) : outcome);
        return outcome.ExitCode;
    }

    // As the official client, for programs alone: people find the pages in the help.
    private static Outcome WithDocumentation(Outcome outcome, Verb? verb, string server)
    {
        var pages = verb is null
            ? new[] { DocumentationSite.Root(server) }
            : [DocumentationSite.Root(server), DocumentationSite.Page(server, verb.Help.Page)];
        return outcome switch
        {
            Success success => success with { Documentation = pages },
            Failure failure => failure with { Documentation = pages },
            _ => outcome,
        };
    }

    // The first pass knows no verb: it finds the name of the one to create, the first word that no global option consumes.
    private ParseResult Parse(IReadOnlyList<string> arguments)
    {
        var parse = CommandLineParser.Parse(_root, arguments, Literal);
        if (parse.UnmatchedTokens is not [var name, ..] || _verbs.Find(name) is not { } verb)
        {
            return parse;
        }
        _root.Subcommands.Add(verb);
        return CommandLineParser.Parse(_root, arguments, Literal);
    }

    private static async Task<Outcome> RunVerbAsync(Verb verb, Invocation invocation)
    {
        if (invocation.Globals.Help)
        {
            invocation.Output.Write(HelpPages.Of(verb, invocation.Settings.ServerUrl));
            return new Finished(0);
        }
        return UsageErrors.Find(verb, invocation.Parse) ?? (verb.NeedsContext ? invocation.CheckContext() : null) ?? await verb.RunAsync(invocation);
    }

    private Outcome RunWithoutVerb(ParseResult parse, Invocation invocation)
    {
        if (parse.CommandResult == parse.RootCommandResult && parse.UnmatchedTokens is [var unknown, ..])
        {
            return UsageErrors.UnknownCommand(unknown, _verbs);
        }
        if (UsageErrors.MissingValue(parse) is { } missing)
        {
            return missing;
        }
        if (invocation.Globals is { Version: true, Help: false })
        {
            invocation.Output.WriteVersion(ProgramVersion.Text, ProgramVersion.Official);
        }
        else
        {
            invocation.Output.Write(HelpPages.Of(_verbs, invocation.Settings.ServerUrl));
        }
        return new Finished(0);
    }
}
