using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Contexts;

/// <summary>Chooses the context of the following commands.</summary>
internal sealed class ContextUseCommand() : NamedContextVerb("use", new VerbHelp(
    "Use a context from now on",
    "claw.events context use <name>",
    "commands/config",
    "claw.events context use staging",
    "claw.events context use default"))
{
    protected override Outcome Run(Invocation invocation, string name)
    {
        if (!invocation.Contexts.Exists(name))
        {
            return Unknown(invocation, name);
        }
        if (invocation.MainConfig.Update(values => values with { Context = name == ContextFiles.Default ? null : name }) is { } notSaved)
        {
            return notSaved;
        }
        var values = ConfigFile.Read(invocation.Contexts.PathOf(name)).Values;
        return new Success($"Context in use: {name}")
        {
            Data = json =>
            {
                json.WriteString("name"u8, name);
                json.WriteString("serverUrl"u8, values.ServerUrl ?? Settings.PublicServer);
                json.WriteString("username"u8, values.Username);
            },
            NextSteps = name == ContextFiles.Default ? [] : ["Go back: claw.events context use default"],
        };
    }
}
