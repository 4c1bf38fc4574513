using System.CommandLine;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>One command of the client: its options and arguments, its help, what it does.</summary>
internal abstract class Verb(string name, VerbHelp help) : Command(name, help.Summary)
{
    public VerbHelp Help { get; } = help;

    /// <summary>Does it. Every refusal is an <see cref="Outcome"/>; exceptions are bugs.</summary>
    public abstract Task<Outcome> RunAsync(Invocation invocation);
}

/// <summary>Verbs that belong together in the list of commands.</summary>
internal sealed record VerbGroup(string Title, params IReadOnlyList<Verb> Verbs);
