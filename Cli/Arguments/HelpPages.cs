using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>Help pages, generated from the commands.</summary>
internal static class HelpPages
{
    /// <param name="server">Base address of the server whose documentation is named.</param>
    public static CommandHelpPage Of(Verb verb, string server) => new(
        verb.FullName,
        verb.Help,
        verb.Usage,
        DocumentationSite.Page(server, verb.Help.Page),
        [.. verb.Options.Select(option => option.Entry())],
        [.. verb.Subcommands.OfType<Verb>().Select(Entry)]);

    /// <inheritdoc cref="Of(Verb, string)"/>
    public static GlobalHelpPage Of(VerbTable verbs, string server) => new(
        [.. new GlobalOptions().All.Select(option => option.Entry())],
        [.. verbs.Groups.Select(group => new HelpGroup(group.Title, [.. group.Verbs.Select(entry => Entry(entry.Make()))]))],
        ProgramVersion.Text,
        DocumentationSite.Root(server));

    private static HelpEntry Entry(Verb verb) => new(verb.Name, verb.Help.Summary);
}
