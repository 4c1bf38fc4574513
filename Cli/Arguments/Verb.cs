using System.CommandLine;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>One command of the client: its options, arguments, help and action.</summary>
internal abstract class Verb(string name, VerbHelp help) : Command(name, help.Summary)
{
    public VerbHelp Help { get; } = help;

    /// <summary>As typed, with every option by name.</summary>
    public string Usage => Options.Count == 0
        ? Help.Usage
        : Help.Usage.Replace("[options]", string.Join(' ', Options.Select(option => $"[{option.Label()}]")), StringComparison.Ordinal);

    /// <summary>As it is typed: <c>advertise set</c> for a verb inside another one.</summary>
    public string FullName => Parents.FirstOrDefault() is Verb outer ? $"{outer.FullName} {Name}" : Name;

    /// <summary>Whether it fails when the context in use is not there.</summary>
    public virtual bool NeedsContext => true;

    /// <summary>Runs the command. Every expected error is an <see cref="Outcome"/>; exceptions are bugs.</summary>
    public abstract Task<Outcome> RunAsync(Invocation invocation);

    /// <summary>The error for an incomplete command line, with the usage and an example.</summary>
    protected Failure Missing(string error) => new(error, $"Usage: {Usage}", $"For example: {Help.Examples[0]}");

    /// <summary>The error for a mistyped option among channel names; null if there is none.</summary>
    /// <param name="names">The names before <c>--</c>; after it any word is a name.</param>
    protected Failure? UnknownOption(IEnumerable<string> names) =>
        names.FirstOrDefault(name => name.StartsWith('-')) is { } unknown
            ? UsageErrors.UnknownOption(this, unknown)
            : null;

    /// <summary>An argument of one word. It is optional for the parser, so that the verb itself reports a missing word.</summary>
    protected static Argument<string> Word(string name) => new(name) { Arity = ArgumentArity.ZeroOrOne };

    /// <summary>An argument that holds all remaining words.</summary>
    protected static Argument<string[]> Words(string name) => new(name) { Arity = ArgumentArity.ZeroOrMore };
}
