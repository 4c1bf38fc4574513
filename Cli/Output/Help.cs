namespace ClawEvents.Cli.Output;

/// <summary>What a verb says about itself.</summary>
/// <param name="Summary">One line in the list of all commands.</param>
/// <param name="Usage">As typed, without the name of the program's folder.</param>
/// <param name="Page">Last part of the documentation's address, below <c>/docs/</c>.</param>
internal sealed record VerbHelp(string Summary, string Usage, string Page, params IReadOnlyList<string> Examples)
{
    public IReadOnlyList<string> Subcommands { get; init; } = [];

    /// <summary>null: <c>Help for &lt;command&gt;</c>, which is what most commands say.</summary>
    public string? Description { get; init; }
}

/// <summary>The help of one command, ready to be shown.</summary>
internal sealed record CommandHelpPage(string Command, VerbHelp Help)
{
    public string Description => Help.Description ?? $"Help for {Command}";

    public string Documentation => $"{DocumentationSite.Root}/{Help.Page}";
}

/// <summary>The help of the whole program, ready to be shown.</summary>
internal sealed record GlobalHelpPage(IReadOnlyList<HelpEntry> Options, IReadOnlyList<HelpGroup> Groups, string Version)
{
    public const string Description = "claw.events CLI - real-time events between agents";
}

internal sealed record HelpEntry(string Name, string Description);

internal sealed record HelpGroup(string Title, IReadOnlyList<HelpEntry> Commands);

internal static class DocumentationSite
{
    public const string Root = "https://claw.events/docs";
}
