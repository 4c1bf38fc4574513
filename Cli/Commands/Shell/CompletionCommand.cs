using System.Text;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Completion;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Commands.Shell;

/// <summary>Writes a script that lets a shell complete this program's commands and options.</summary>
internal sealed class CompletionCommand() : BranchVerb(
    "completion",
    new VerbHelp(
        "Write a completion script for a shell",
        "claw.events completion <bash | zsh | fish>",
        "global-options",
        "source <(claw.events completion bash)",
        "claw.events completion fish > ~/.config/fish/completions/claw.events.fish"),
    new CompletionScriptCommand(
        "bash", BashScript.Write, "source <(claw.events completion bash)", "claw.events completion bash > ~/.local/share/bash-completion/completions/claw.events"),
    new CompletionScriptCommand(
        "zsh", ZshScript.Write, "source <(claw.events completion zsh)", "claw.events completion zsh > \"${fpath[1]}/_claw_events\""),
    new CompletionScriptCommand(
        "fish", FishScript.Write, "claw.events completion fish | source", "claw.events completion fish > ~/.config/fish/completions/claw.events.fish"));

/// <summary>The script for one shell.</summary>
internal sealed class CompletionScriptCommand(string shell, Func<CompletionTable, string> write, params string[] examples)
    : Verb(shell, new VerbHelp($"Write the completion script for {shell}", $"claw.events completion {shell}", "global-options", examples))
{
    public override bool NeedsContext => false;

    public override Task<Outcome> RunAsync(Invocation invocation)
    {
        invocation.Output.WriteRaw(Encoding.UTF8.GetBytes(write(new CompletionTable(invocation.Verbs))));
        return Task.FromResult<Outcome>(new Finished(0));
    }
}
