using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>docs/reference/compatibility.md names for each statement the tests that prove it, and they exist.</summary>
/// <remarks>
/// A test says by <see cref="ChecklistAttribute"/> what it proves; the page's last column is made from that. After a change of the
/// attributes <c>CLAW_UPDATE_DOCS=1 dotnet test Broker.Tests --filter FullyQualifiedName~CompatibilityTests</c> writes it anew.
/// </remarks>
internal sealed partial class CompatibilityTests
{
    private const int StatementCount = 192;
    private const string NotOffered = "not offered";

    private static readonly string Page = Path.Combine(RunningProcess.SolutionFolder, "docs/reference/compatibility.md");

    private static readonly ILookup<int, string> ProvedBy =
        (from type in typeof(CompatibilityTests).Assembly.GetTypes()
         where !type.IsAbstract
         from method in type.GetMethods()
         from statement in StatementsOf(type, method)
         orderby type.Name, method.Name
         select (statement, test: $"`{type.Name}.{method.Name}`"))
        .ToLookup(pair => pair.statement, pair => pair.test);

    [Test]
    public void The_page_names_the_tests_that_prove_each_statement()
    {
        var written = File.ReadAllText(Page);

        var made = Rows().Replace(written, row => $"{row.Groups["statement"].Value} {ProofOf(row)} |");
        if (made != written && Environment.GetEnvironmentVariable("CLAW_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Page, made);
            Assert.Inconclusive("The page has been written anew.");
        }

        Assert.That(written, Is.EqualTo(made), "CLAW_UPDATE_DOCS=1 writes the page anew");
    }

    [Test]
    public void Every_statement_has_one_row_and_a_test_or_the_word_that_it_is_not_offered()
    {
        var rows = Rows().Matches(File.ReadAllText(Page));

        Assert.That(rows.Select(NumberOf), Is.EqualTo(Enumerable.Range(1, StatementCount)));
        Assert.That(rows.Where(row => row.Groups["proof"].Value.Length == 0).Select(NumberOf), Is.Empty, "statements without a test");
    }

    [Test]
    public void No_test_proves_a_statement_that_is_not_on_the_page() =>
        Assert.That(ProvedBy.Select(proof => proof.Key), Has.All.InRange(1, StatementCount));

    private static IEnumerable<int> StatementsOf(Type type, MethodInfo method)
    {
        if (!method.IsDefined(typeof(NUnitAttribute)))
        {
            return [];
        }

        var ofMethod = method.GetCustomAttribute<ChecklistAttribute>()?.Statements ?? [];
        var ofType = method.DeclaringType == type ? type.GetCustomAttribute<ChecklistAttribute>()?.Statements ?? [] : [];
        return ofMethod.Concat(ofType).Distinct();
    }

    // What is not offered says why, by hand; a test of it would be a contradiction, and shows up beside the words.
    private static string ProofOf(Match row)
    {
        var proof = row.Groups["proof"].Value;
        var tests = string.Join(", ", ProvedBy[NumberOf(row)].Distinct());
        return proof.StartsWith(NotOffered, StringComparison.Ordinal) && tests.Length == 0 ? proof : tests;
    }

    private static int NumberOf(Match row) => int.Parse(row.Groups["number"].Value, CultureInfo.InvariantCulture);

    // | 12 | core | statement | proof |
    [GeneratedRegex(@"(?<statement>^\| (?<number>\d+) \| (?:core|optional|new) \| .+? \|) ?(?<proof>[^|\n]*?) ?\|$", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
