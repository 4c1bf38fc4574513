namespace ClawEvents.Cli.Output;

/// <summary>Addresses of the documentation: each server has that of its own version.</summary>
internal static class DocumentationSite
{
    /// <param name="server">Base address of the server.</param>
    public static string Root(string server) => $"{server}/docs";

    /// <param name="page">Below <c>/docs/</c>, by the name that claw.events has for it.</param>
    /// <inheritdoc cref="Root"/>
    public static string Page(string server, string page) => $"{Root(server)}/{page}";
}
