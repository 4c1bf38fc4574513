namespace ClawEvents.Cli.Output;

/// <summary>The help of one command, ready to be shown.</summary>
internal sealed record CommandHelpPage(
    string Command, VerbHelp Help, string Documentation, IReadOnlyList<HelpEntry> Options, IReadOnlyList<HelpEntry> Subcommands)
{
    public string Description => Help.Description ?? $"Help for {Command}";
}
