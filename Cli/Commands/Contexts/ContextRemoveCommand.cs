using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Contexts;

/// <summary>Removes a context with its token.</summary>
internal sealed class ContextRemoveCommand : NamedContextVerb
{
    public ContextRemoveCommand()
        : base("remove", new VerbHelp(
            "Remove a context with its token",
            "claw.events context remove <name>",
            "commands/config",
            "claw.events context remove staging")) =>
        Aliases.Add("rm");

    protected override Outcome Run(Invocation invocation, string name)
    {
        if (name == ContextFiles.Default)
        {
            return new Failure("The context default is the config file itself", "Forget its token: claw.events --context default logout");
        }
        if (!invocation.Contexts.Exists(name))
        {
            return Unknown(invocation, name);
        }
        // First the choice: a name in use without its file would stop every command.
        if (invocation.MainConfig.Values.Context == name && invocation.MainConfig.Update(values => values with { Context = null }) is { } notSaved)
        {
            return notSaved;
        }
        return TryDelete(invocation.Contexts.PathOf(name)) ?? (Outcome)new Success($"Context removed: {name}")
        {
            Data = json => json.WriteString("name"u8, name),
            NextSteps = ["See the others: claw.events context list"],
        };
    }

    private static Failure? TryDelete(string file)
    {
        try
        {
            File.Delete(file);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Failure($"Cannot remove {file}: {SystemText.Reason(exception)}", "Make its folder writable");
        }
    }
}
