using System.CommandLine;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Contexts;

/// <summary>A verb about one context, given by name.</summary>
internal abstract class NamedContextVerb : Verb
{
    private readonly Argument<string> _name = Word("name");

    protected NamedContextVerb(string name, VerbHelp help)
        : base(name, help) =>
        Arguments.Add(_name);

    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation) => Task.FromResult(Run(invocation));

    protected abstract Outcome Run(Invocation invocation, string name);

    /// <summary>The error for a context that is not there.</summary>
    public static Failure Unknown(Invocation invocation, string name) => new(
        $"There is no context named {name}",
        Suggestion.For(name, invocation.Contexts.Names()).Before(
            "See all contexts: claw.events context list", $"Add it: claw.events context add {name} --server <url>"));

    private Outcome Run(Invocation invocation)
    {
        if (invocation.Parse.Text(_name) is not { Length: > 0 } name)
        {
            return Missing("Missing context name");
        }
        return ContextFiles.IsName(name)
            ? Run(invocation, name)
            : new Failure($"Invalid context name: {name}", "Use letters, digits, _ and -, at most 64");
    }
}
