using System.Text.Json;
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

    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation) =>
        Task.FromResult<Outcome>(new Success($"Available {FullName} subcommands")
        {
            Data = json =>
            {
                json.WriteStartArray("subcommands"u8);
                foreach (var verb in Subcommands.OfType<Verb>())
                {
                    Write(json, verb);
                }
                json.WriteEndArray();
            },
            NextSteps = [$"Show how to use one: claw.events {FullName} <subcommand> --help"],
        });

    private static void Write(Utf8JsonWriter json, Verb verb)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, verb.Name);
        // What follows the name: the shape of the official client.
        json.WriteString("usage"u8, verb.Usage[$"claw.events {verb.FullName}".Length..].TrimStart());
        json.WriteString("description"u8, verb.Description);
        json.WriteEndObject();
    }
}
