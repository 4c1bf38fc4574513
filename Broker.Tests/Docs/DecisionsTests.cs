using System.Globalization;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>docs/decisions: a number, a status and a date each, and an index of all.</summary>
internal sealed partial class DecisionsTests
{
    private static readonly string Folder = Path.Combine(RunningProcess.SolutionFolder, "docs/decisions");

    private static IEnumerable<string> Decisions =>
        Directory.EnumerateFiles(Folder, "*.md").Select(path => Path.GetFileName(path)).Where(name => name != "README.md").Order(StringComparer.Ordinal);

    [Test]
    public void Decisions_are_numbered_from_1_without_a_gap() =>
        Assert.That(Decisions.Select(NumberOf), Is.EqualTo(Enumerable.Range(1, Decisions.Count())));

    [TestCaseSource(nameof(Decisions))]
    public void A_decision_begins_with_its_number_status_and_date(string name)
    {
        var head = Head().Match(File.ReadAllText(Path.Combine(Folder, name)));

        Assert.That(head.Success, Is.True);
        Assert.That(head.Groups["number"].Value, Is.EqualTo(NumberOf(name).ToString(CultureInfo.InvariantCulture)));
    }

    [Test]
    public void The_index_lists_every_decision()
    {
        var index = File.ReadAllText(Path.Combine(Folder, "README.md"));

        Assert.That(Decisions.Where(name => !index.Contains($"]({name})", StringComparison.Ordinal)), Is.Empty);
    }

    private static int NumberOf(string name) => int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture);

    // # 6. JSON Schema: …
    //
    // Status: accepted
    //
    // Date: 2026-11-25
    [GeneratedRegex(@"\A# (?<number>\d+)\. .+\n\nStatus: (proposed|accepted|superseded by \[.+\]\(.+\))\n\nDate: \d{4}-\d\d-\d\d\n")]
    private static partial Regex Head();
}
