namespace ClawEvents.Cli.Output;

/// <summary>The help of one command, ready to be shown.</summary>
/// <param name="Usage">With every option by name, for output without the list of options.</param>
internal sealed record CommandHelpPage(
    string Command, VerbHelp Help, string Usage, string Documentation, IReadOnlyList<HelpEntry> Options, IReadOnlyList<HelpEntry> Subcommands)
{
    public string Description => Help.Description ?? $"Help for {Command}";
}
