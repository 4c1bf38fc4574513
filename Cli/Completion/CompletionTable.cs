using System.CommandLine;
using ClawEvents.Cli.Arguments;

namespace ClawEvents.Cli.Completion;

/// <summary>A position in a command line and the words that can follow.</summary>
/// <param name="Path">Names of commands, each after a space: <c>" advertise set"</c>; empty before any command.</param>
/// <param name="Spellings">All spellings of the path, including aliases.</param>
/// <param name="Verbs">Commands that can follow.</param>
/// <param name="Options">The command's own options.</param>
internal sealed record CompletionPlace(
    string Path, IReadOnlyList<string> Spellings, IReadOnlyList<Verb> Verbs, IReadOnlyList<Option> Options);

/// <summary>The data for the scripts of all shells.</summary>
internal sealed class CompletionTable
{
    public CompletionTable(VerbTable verbs)
    {
        Verb[] all = [.. verbs.All()];
        Places = [new CompletionPlace("", [""], all, []), .. all.SelectMany(verb => PlacesOf(verb, ""))];
        GlobalOptions = new GlobalOptions().All;
        Option[] valued = [.. Places.SelectMany(place => place.Options).Concat(GlobalOptions).Where(option => option.TakesValue())];
        ValueOptions = [.. valued.SelectMany(option => option.Names()).Distinct()];
        // A short name that means something else in another command does not complete files.
        FileOptions = [.. valued.Where(IsFile).SelectMany(option => option.Names()).Except(valued.Where(option => !IsFile(option)).SelectMany(option => option.Names()))];
    }

    public IReadOnlyList<CompletionPlace> Places { get; }

    public IReadOnlyList<Option> GlobalOptions { get; }

    /// <summary>Names of the options whose next word is their value.</summary>
    public IReadOnlyList<string> ValueOptions { get; }

    /// <summary>Names of the options whose value is a file.</summary>
    public IReadOnlyList<string> FileOptions { get; }

    public static bool IsFile(Option option) => option.HelpName is "<path>";

    private static IEnumerable<CompletionPlace> PlacesOf(Verb verb, string outer)
    {
        var path = $"{outer} {verb.Name}";
        Verb[] inner = [.. verb.Subcommands.OfType<Verb>()];
        string[] spellings = [path, .. verb.Aliases.Select(alias => $"{outer} {alias}")];
        return inner.SelectMany(next => PlacesOf(next, path)).Prepend(new CompletionPlace(path, spellings, inner, [.. verb.Options]));
    }
}
