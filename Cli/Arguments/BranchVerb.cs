using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>A verb that does nothing itself: it lists its subcommands.</summary>
internal abstract class BranchVerb : Verb
{
    protected BranchVerb(string name, VerbHelp help, params ReadOnlySpan<Verb> verbs)
        : base(name, help)
    {
        foreach (var verb in verbs)
        {
            Subcommands.Add(verb);
        }
        // Without an action the parser complains when no subcommand is named.
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
            NextSteps = [$"See how one is used: claw.events {FullName} <subcommand> --help"],
        });
}
