namespace ClawEvents.Cli.Output;

/// <summary>Where the documentation is read.</summary>
internal static class DocumentationSite
{
    public const string Root = "https://claw.events/docs";
}
