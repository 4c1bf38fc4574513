using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Arguments;

/// <summary>Help pages, generated from the commands.</summary>
internal static class HelpPages
{
    public static CommandHelpPage Of(Verb verb) => new(
        verb.FullName,
        verb.Help,
        [.. verb.Options.Select(option => option.Entry())],
        [.. verb.Subcommands.OfType<Verb>().Select(Entry)]);

    public static GlobalHelpPage Of(VerbTable verbs) => new(
        [.. new GlobalOptions().All.Select(option => option.Entry())],
        [.. verbs.Groups.Select(group => new HelpGroup(group.Title, [.. group.Verbs.Select(entry => Entry(entry.Make()))]))],
        ProgramVersion.Text);

    private static HelpEntry Entry(Verb verb) => new(verb.Name, verb.Help.Summary);
}
