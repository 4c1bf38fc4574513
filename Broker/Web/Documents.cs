using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Web;

/// <summary>A page of the documentation.</summary>
/// <param name="Path">In the folder <c>docs</c>, without <c>.md</c>: <c>how-to/sign-in</c>.</param>
/// <param name="Summary">The beginning of its first paragraph; empty if it has none.</param>
internal sealed record Document(string Path, string Title, string Summary)
{
    public string Url => $"/docs/{Path}";
}

/// <summary>Pages for one need of a reader.</summary>
/// <param name="Pages">Path and name of each, in the order for readers.</param>
internal sealed record DocumentGroup(string Need, IReadOnlyList<(string Path, string Name)> Pages);

/// <summary>The project's own documentation, which the build has put into the program; the index is that of <c>README.md</c>.</summary>
/// <remarks>Read at the first look. Thread-safe.</remarks>
internal sealed partial class Documents
{
    private const string Folder = "docs/";
    private const string Ending = ".md";
    private const int MaxSummary = 180;

    private readonly Lazy<Dictionary<string, Document>> _pages = new(() =>
        PackedFiles.NamesIn(Folder).Order(StringComparer.Ordinal).Select(name => Describe(name[..^Ending.Length])).ToDictionary(page => page.Path, StringComparer.Ordinal));

    private readonly Lazy<IReadOnlyList<DocumentGroup>> _groups = new(ReadIndex);

    /// <summary>All pages, by path.</summary>
    public IReadOnlyCollection<Document> All => _pages.Value.Values;

    /// <summary>The index, by need.</summary>
    public IReadOnlyList<DocumentGroup> Groups => _groups.Value;

    /// <summary>Finds a page by its path, or a folder's by the folder's.</summary>
    public Document? Find(string path) => _pages.Value.GetValueOrDefault(path) ?? _pages.Value.GetValueOrDefault($"{path.TrimEnd('/')}/README");

    /// <summary>The Markdown of a page.</summary>
    public static string Read(Document page) => PackedFiles.ReadText($"{Folder}{page.Path}{Ending}")!;

    private static Document Describe(string path)
    {
        var text = PackedFiles.ReadText($"{Folder}{path}{Ending}")!;
        var summary = FirstParagraph().Match(text) is { Success: true } paragraph ? PlainOf(paragraph.Groups[1].Value) : "";
        return new(path, PlainOf(text[2..text.IndexOf('\n')]), summary);
    }

    // A sentence, if it is short enough.
    private static string PlainOf(string markdown)
    {
        var plain = Marks().Replace(markdown.ReplaceLineEndings(" "), "$1").Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal).Trim();
        var sentence = plain.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? plain[..(end + 1)] : plain;
        return sentence.Length <= MaxSummary ? sentence : $"{sentence[..sentence.LastIndexOf(' ', MaxSummary)]} …";
    }

    private static List<DocumentGroup> ReadIndex()
    {
        var readme = PackedFiles.ReadText("texts/README.md")!;
        var index = readme[readme.IndexOf("\n## Documentation\n", StringComparison.Ordinal)..];
        return [.. from need in Need().Matches(index)
                   select new DocumentGroup(need.Groups["need"].Value, [.. from link in Link().Matches(need.Groups["links"].Value) select (PathOf(link.Groups["path"].Value), link.Groups["name"].Value.ReplaceLineEndings(" "))])];
    }

    private static string PathOf(string target) => target.EndsWith(Ending, StringComparison.Ordinal) ? target[..^Ending.Length] : $"{target.TrimEnd('/')}/README";

    [GeneratedRegex(@"\A# .+\n(?:\n(?:Status|Date): .+\n)*\n(?:## .+\n\n)?((?:[A-Za-z`*\[].*\n)+)")]
    private static partial Regex FirstParagraph();

    // [text](target)
    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Marks();

    [GeneratedRegex(@"^\*\*(?<need>[^*]+)\*\*.*\n(?<links>(?:\[.*\n)+)", RegexOptions.Multiline)]
    private static partial Regex Need();

    [GeneratedRegex(@"\[(?<name>[^\]]+)\]\(docs/(?<path>[^)]+)\)")]
    private static partial Regex Link();
}
