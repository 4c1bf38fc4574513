using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>Links between pages, links within a page, and pointers from the code to pages lead somewhere.</summary>
internal sealed partial class DocsLinksTests
{
    private static readonly string Root = RunningProcess.SolutionFolder;

    private static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Root, "README.md"))
            .Select(path => Path.GetRelativePath(Root, path));

    [TestCaseSource(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_to_a_heading_in_it(string page)
    {
        var path = Path.Combine(Root, page);

        var broken = Links().Matches(WithoutCode(File.ReadAllText(path)))
            .Select(link => link.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Leads(path, target));

        Assert.That(broken, Is.Empty);
    }

    [Test]
    public void Every_page_and_heading_that_the_code_names_is_there()
    {
        var named = new[] { "Broker", "Cli", "Broker.Tests", "Broker.Benchmarks" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(path => NamedPages().Matches(File.ReadAllText(path)).Select(match => (path: Path.GetRelativePath(Root, path), target: match.Value)))
            .ToHashSet();

        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(name => !Leads(Path.Combine(Root, "README.md"), name.target)), Is.Empty);
    }

    private static bool Leads(string page, string target)
    {
        var parts = target.Split('#', 2);
        var file = parts[0].Length == 0 ? page : Path.GetFullPath(parts[0], Path.GetDirectoryName(page)!);
        return parts.Length == 1 ? Path.Exists(file) : File.Exists(file) && PageAnchors.Of(File.ReadAllText(file)).Contains(parts[1]);
    }

    private static string WithoutCode(string markdown) => Code().Replace(markdown, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]+`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    // A page, and a heading in it: docs/reference/protocol.md#pushes
    [GeneratedRegex(@"\bdocs/[A-Za-z0-9/-]+\.md\b(?:#[a-z0-9_-]*[a-z0-9_])?")]
    private static partial Regex NamedPages();
}
