using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Contexts;

/// <summary>Servers and logins with names, one of which is in use.</summary>
internal sealed class ContextCommand() : BranchVerb(
    "context",
    new VerbHelp(
        "Keep several servers and logins, and choose one",
        "claw.events context <add | use | list | remove> [arguments]",
        "commands/config",
        "claw.events context add staging --server https://staging.example.org",
        "claw.events context use staging",
        "claw.events --context staging whoami"),
    new ContextAddCommand(),
    new ContextUseCommand(),
    new ContextListCommand(),
    new ContextRemoveCommand());
