using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using NUnit.Framework.Interfaces;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>
/// docs/reference/compatibility.md says which statements about Centrifugo hold here, and docs/contributing/test-evidence.md names the tests
/// that prove each of them.
/// </summary>
/// <remarks>
/// A test says by <see cref="ChecklistAttribute"/> what it proves; the second page is made from that. After a change of the attributes or
/// of tests' names, <c>CLAW_UPDATE_DOCS=1 dotnet test Broker.Tests --filter FullyQualifiedName~CompatibilityTests</c> writes it again.
/// </remarks>
internal sealed partial class CompatibilityTests
{
    private const int StatementCount = 195;
    private const string Offered = "yes";
    private const string NotOffered = "no: ";

    private const string EvidenceHeader = """
        # Test evidence

        The tests that prove each statement of [compatibility with Centrifugo](../reference/compatibility.md).
        This page is generated from the `[Checklist]` attributes of the tests; [contributing](README.md#statements-and-their-tests) says how.

        """;

    private static readonly string Page = Path.Combine(RunningProcess.SolutionFolder, "docs/reference/compatibility.md");
    private static readonly string EvidencePage = Path.Combine(RunningProcess.SolutionFolder, "docs/contributing/test-evidence.md");

    private static readonly ILookup<int, string> ProvedBy =
        (from type in typeof(CompatibilityTests).Assembly.GetTypes()
         where !type.IsAbstract
         from method in type.GetMethods()
         where IsTest(method)
         from statement in StatementsOf(type, method)
         orderby type.Name, method.Name
         select (statement, test: $"`{type.Name}.{method.Name}`"))
        .ToLookup(pair => pair.statement, pair => pair.test);

    [Test]
    public void The_evidence_page_names_the_tests_that_prove_each_statement() => WrittenPage.Check(EvidencePage, EvidenceOf(File.ReadAllText(Page)));

    [Test]
    public void Every_statement_is_offered_and_has_a_test_or_says_why_it_is_not_offered()
    {
        var rows = Rows().Matches(File.ReadAllText(Page));

        Assert.That(rows.Select(NumberOf), Is.EqualTo(Enumerable.Range(1, StatementCount)));
        Assert.That(rows.Where(row => OfferOf(row) is Offered && !ProvedBy.Contains(NumberOf(row))).Select(NumberOf), Is.Empty, "offered without a test");
        Assert.That(rows.Where(row => OfferOf(row) is not Offered && ProvedBy.Contains(NumberOf(row))).Select(NumberOf), Is.Empty, "not offered, but tested");
        Assert.That(
            rows.Where(row => OfferOf(row) is not Offered && !OfferOf(row).StartsWith(NotOffered, StringComparison.Ordinal)).Select(NumberOf), Is.Empty, $"neither '{Offered}' nor '{NotOffered}'");
    }

    [Test]
    public void No_test_proves_a_statement_that_is_not_on_the_page() =>
        Assert.That(ProvedBy.Select(proof => proof.Key), Has.All.InRange(1, StatementCount));

    // A helper method or a set-up in a class that carries the attribute is no proof.
    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(attribute => attribute is ITestBuilder or ISimpleTestBuilder);

    private static IEnumerable<int> StatementsOf(Type type, MethodInfo method)
    {
        var ofMethod = method.GetCustomAttribute<ChecklistAttribute>()?.Statements ?? [];
        var ofType = method.DeclaringType == type ? type.GetCustomAttribute<ChecklistAttribute>()?.Statements ?? [] : [];
        return ofMethod.Concat(ofType).Distinct();
    }

    private static string EvidenceOf(string page)
    {
        var evidence = new StringBuilder(EvidenceHeader);
        foreach (Match line in HeadingsAndRows().Matches(page))
        {
            if (line.Groups["number"].Success)
            {
                AppendTests(evidence, line);
            }
            else
            {
                evidence.Append('\n').Append(line.Value).Append('\n');
            }
        }

        return evidence.ToString();
    }

    private static void AppendTests(StringBuilder evidence, Match row)
    {
        var number = NumberOf(row);
        evidence.Append(CultureInfo.InvariantCulture, $"\n**{number}.** {row.Groups["statement"].Value}\n\n");
        foreach (var test in ProvedBy[number].Distinct().DefaultIfEmpty("none: not offered"))
        {
            evidence.Append("- ").Append(test).Append('\n');
        }
    }

    private static int NumberOf(Match row) => int.Parse(row.Groups["number"].Value, CultureInfo.InvariantCulture);

    private static string OfferOf(Match row) => row.Groups["offer"].Value;

    // | 12 | core | statement | yes |
    private const string RowPattern = @"^\| (?<number>\d+) \| (?:core|optional|new) \| (?<statement>.+?) \| (?<offer>[^|\n]+?) \|$";

    [GeneratedRegex(RowPattern, RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex($"^## .+$|{RowPattern}", RegexOptions.Multiline)]
    private static partial Regex HeadingsAndRows();
}
