using System.CommandLine;
using System.CommandLine.Parsing;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>What is wrong with a command line, in this program's words, with what was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>The first error of a verb's words; null if the verb can run.</summary>
    public static Failure? Find(Verb verb, ParseResult parse)
    {
        if (parse.UnmatchedTokens is [var word, ..] && (verb is BranchVerb || parse.Errors.Count > 0))
        {
            return Unmatched(verb, word);
        }
        return MissingValue(parse, $"Usage: {verb.Usage}", SeeHelp(verb))
            ?? (parse.Errors is [var error, ..] ? new Failure(error.Message, $"Usage: {verb.Usage}", SeeHelp(verb)) : null);
    }

    /// <summary>An option that lacks its value; null if there is none. Other errors, such as a missing verb, do not matter.</summary>
    public static Failure? MissingValue(ParseResult parse) => MissingValue(parse, "See all options: claw.events --help");

    public static Failure UnknownCommand(string name, VerbTable verbs) => new(
        $"Unknown command: {name}",
        Suggestion.For(name, name.StartsWith('-') ? GlobalNames : verbs.Names).Before("See all commands: claw.events --help"));

    public static Failure UnknownOption(Verb verb, string name) => new(
        $"Unknown option: {name}", Suggestion.For(name, OptionNames(verb)).Before($"See its options: claw.events {verb.FullName} --help"));

    private static IEnumerable<string> GlobalNames => new GlobalOptions().All.SelectMany(option => option.Names());

    private static IEnumerable<string> OptionNames(Verb verb) => verb.Options.SelectMany(option => option.Names()).Concat(GlobalNames);

    private static Failure Unmatched(Verb verb, string word) =>
        verb is BranchVerb
            ? new Failure(
                $"Unknown {verb.FullName} subcommand: {word}",
                Suggestion.For(word, verb.Subcommands.SelectMany(inner => inner.Aliases.Prepend(inner.Name)))
                    .Before($"List the subcommands: claw.events {verb.FullName} --help"))
            : word.StartsWith('-') ? UnknownOption(verb, word)
            : new Failure($"Unexpected argument: {word}", $"Usage: {verb.Usage}", SeeHelp(verb));

    private static Failure? MissingValue(ParseResult parse, params IReadOnlyList<string> fixes) =>
        parse.Errors.Select(error => error.SymbolResult).OfType<OptionResult>().FirstOrDefault() is { } option
            ? new Failure($"Missing value for {option.Option.Name}", fixes)
            : null;

    private static string SeeHelp(Verb verb) => $"See claw.events {verb.FullName} --help";
}
