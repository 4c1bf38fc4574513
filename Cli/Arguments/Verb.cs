using System.CommandLine;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>One command of the client: its options and arguments, its help, what it does.</summary>
internal abstract class Verb(string name, VerbHelp help) : Command(name, help.Summary)
{
    public VerbHelp Help { get; } = help;

    /// <summary>As it is typed: <c>advertise set</c> for a verb inside another one.</summary>
    public string FullName => Parents.FirstOrDefault() is Verb outer ? $"{outer.FullName} {Name}" : Name;

    /// <summary>Does it. Every refusal is an <see cref="Outcome"/>; exceptions are bugs.</summary>
    public abstract Task<Outcome> RunAsync(Invocation invocation);

    /// <summary>The error for a line that lacks something, with how it should look.</summary>
    protected Failure Missing(string error) => new(error, $"Usage: {Help.Usage}", $"For example: {Help.Examples[0]}");

    /// <summary>The error for a channel's name that is a mistyped option; null if there is none.</summary>
    /// <param name="names">Those before <c>--</c>: behind it anything is a name.</param>
    protected Failure? UnknownOption(IEnumerable<string> names) =>
        names.FirstOrDefault(name => name.StartsWith('-')) is { } unknown
            ? new Failure($"Unknown option: {unknown}", $"See its options: claw.events {FullName} --help")
            : null;

    /// <summary>An argument of one word, which may be left out so that the verb can say in its own words that it is missing.</summary>
    protected static Argument<string> Word(string name) => new(name) { Arity = ArgumentArity.ZeroOrOne };

    /// <summary>An argument of all words that are left.</summary>
    protected static Argument<string[]> Words(string name) => new(name) { Arity = ArgumentArity.ZeroOrMore };
}
