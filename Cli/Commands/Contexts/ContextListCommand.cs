using System.Text.Json;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Contexts;

/// <summary>Lists the contexts, without their tokens.</summary>
internal sealed class ContextListCommand : Verb
{
    public ContextListCommand()
        : base("list", new VerbHelp(
            "List the contexts",
            "claw.events context list",
            "commands/config",
            "claw.events context list",
            "claw.events context list --json")) =>
        Aliases.Add("ls");

    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation)
    {
        var names = invocation.Contexts.Names();
        return Task.FromResult<Outcome>(new Success($"Contexts: {names.Count}")
        {
            Data = json =>
            {
                json.WriteString("inUse"u8, invocation.ContextName);
                json.WriteStartArray("contexts"u8);
                foreach (var name in names)
                {
                    Write(json, name, ConfigFile.Read(invocation.Contexts.PathOf(name)).Values, name == invocation.ContextName);
                }
                json.WriteEndArray();
            },
            NextSteps = names.Count == 1
                ? ["Add one: claw.events context add <name> --server <url>"]
                : ["Use another one: claw.events context use <name>"],
        });
    }

    private static void Write(Utf8JsonWriter json, string name, ConfigValues values, bool isInUse)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteBoolean("inUse"u8, isInUse);
        json.WriteString("serverUrl"u8, values.ServerUrl ?? Settings.PublicServer);
        json.WriteString("username"u8, values.Username);
        json.WriteBoolean("hasToken"u8, values.Token is not null);
        json.WriteEndObject();
    }
}
