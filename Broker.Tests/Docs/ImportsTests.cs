using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The <c>using</c> lines of a file stand as <c>dotnet format</c> puts them.</summary>
/// <remarks>That program loads the whole solution to see it, which takes half a minute; the build, which holds every other rule of .editorconfig, does not look.</remarks>
internal sealed class ImportsTests
{
    private const string Directive = "using ";
    private static readonly string[] Built = ["bin", "obj", "artifacts", "node_modules"];

    private static IEnumerable<string> Sources =>
        Directory.EnumerateFiles(RunningProcess.SolutionFolder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(RunningProcess.SolutionFolder, path).Split(Path.DirectorySeparatorChar).Intersect(Built).Any());

    [Test]
    public void Every_file_names_what_it_imports_in_one_order()
    {
        var files = Sources.Select(path => (path, Imports: ImportsOf(File.ReadLines(path)))).ToList();

        Assert.That(files.Count(file => file.Imports.Count > 1), Is.GreaterThan(100));
        Assert.That(files.Where(file => !file.Imports.SequenceEqual(Sorted(file.Imports))).Select(file => Path.GetRelativePath(RunningProcess.SolutionFolder, file.path)), Is.Empty);
    }

    [TestCase("System.Text", "Aaa")]
    [TestCase("System", "System.Text")]
    [TestCase("Aaa.b", "Aaa.C")]
    [TestCase("Aaa", "Aaa.B")]
    [TestCase("Aaa.B.C", "Aaa.Bb")]
    [TestCase("Zzz", "static Aaa")]
    [TestCase("static Zzz", "Name = Aaa")]
    public void The_order_is_that_of_the_program(string first, string second) => Assert.That(Sorted([second, first]), Is.EqualTo(new[] { first, second }));

    private static List<string> ImportsOf(IEnumerable<string> lines) =>
    [
        .. lines
            .TakeWhile(line => line.Length == 0 || line[0] is '/' or '#' || line.StartsWith(Directive, StringComparison.Ordinal) || line.StartsWith("extern alias", StringComparison.Ordinal))
            .Where(line => line.StartsWith(Directive, StringComparison.Ordinal) && line.EndsWith(';'))
            .Select(line => line[Directive.Length..^1]),
    ];

    private static List<string> Sorted(IEnumerable<string> imports) =>
        [.. imports.OrderBy(KindOf).ThenBy(import => KindOf(import) == 0 && import.Split('.')[0] != "System").ThenBy(import => import, Comparer<string>.Create(CompareParts))];

    private static int KindOf(string import) => import.Contains('=', StringComparison.Ordinal) ? 2 : import.StartsWith("static ", StringComparison.Ordinal) ? 1 : 0;

    // Part by part: a name comes before the longer one that begins with it.
    private static int CompareParts(string left, string right)
    {
        var (ours, theirs) = (left.Split('.'), right.Split('.'));
        return ours.Zip(theirs, StringComparer.OrdinalIgnoreCase.Compare).FirstOrDefault(order => order != 0) is var order and not 0 ? order : ours.Length.CompareTo(theirs.Length);
    }
}
