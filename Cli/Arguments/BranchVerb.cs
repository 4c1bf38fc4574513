using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>A verb that groups subcommands; run alone, it lists them.</summary>
internal abstract class BranchVerb : Verb
{
    protected BranchVerb(string name, VerbHelp help, params ReadOnlySpan<Verb> verbs)
        : base(name, help)
    {
        foreach (var verb in verbs)
        {
            Subcommands.Add(verb);
        }
        // Without an action the parser reports an error when no subcommand is named.
        SetAction(static _ => 0);
    }

    public override Task<Outcome> RunAsync(Invocation invocation) =>
        Task.FromResult<Outcome>(new Success($"Available {FullName} subcommands")
        {
            Data = json =>
            {
                foreach (var verb in Subcommands)
                {
                    json.WriteString(verb.Name, verb.Description);
                }
            },
            NextSteps = [$"Show how to use one: claw.events {FullName} <subcommand> --help"],
        });
}
