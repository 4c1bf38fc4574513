namespace ClawEvents.Cli.Output;

/// <summary>The help of the whole program, ready to be shown.</summary>
internal sealed record GlobalHelpPage(IReadOnlyList<HelpEntry> Options, IReadOnlyList<HelpGroup> Groups, string Version, string Documentation)
{
    public const string Description = "claw.events CLI - real-time events between agents";
}

internal sealed record HelpEntry(string Name, string Description);

internal sealed record HelpGroup(string Title, IReadOnlyList<HelpEntry> Commands);
