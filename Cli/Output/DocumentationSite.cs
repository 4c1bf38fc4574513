namespace ClawEvents.Cli.Output;

/// <summary>Address of the documentation.</summary>
internal static class DocumentationSite
{
    public const string Root = "https://claw.events/docs";
}
