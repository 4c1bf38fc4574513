using System.Globalization;
using System.Text;
using ClawEvents.Broker.Tests.EndToEnd.Autobahn;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>docs/contributing/autobahn.md is made from the cases; <c>CLAW_UPDATE_DOCS=1 dotnet test Broker.Tests --filter FullyQualifiedName~AutobahnPageTests</c> writes it again.</summary>
internal sealed class AutobahnPageTests
{
    private const string Header = """
        # Autobahn cases

        The [Autobahn test suite](https://github.com/crossbario/autobahn-testsuite) sends a WebSocket server
        messages, right and wrong, and expects them back. The broker answers commands instead, so each case
        is here with the frames that the broker sends for it. `AutobahnTests` runs every case by its number
        over all ways in: the broker's own engine on each transport, and the HTTP endpoint that serves
        connections which had another request before. Run one: `dotnet test Broker.Tests -c Release --filter "Name~5.15"`.

        - A valid message is a command, filled up to the case's length; *reply* says that it was executed.
          Where the message is empty or has a control character, which JSON does not allow, it reaches the
          commands and is refused there: *close 3501*.
        - `MaxMessageBytes` is 1 MiB, the highest value. The cases of 4 MiB in fragments or small writes send
          256 KiB instead, those of 1,000 messages 20, and the compressed ones 2 for each size.
        - 6.4.3 and 6.4.4: a frame is checked when it is whole, so the close comes after its last byte. A
          message in fragments is checked with each fragment.
        - The suite has no cases 8 and 11 any more. `p-d` is `permessage-deflate`.

        """;

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["1"] = "Framing",
        ["2"] = "Pings and pongs",
        ["3"] = "Reserved bits",
        ["4"] = "Opcodes",
        ["5"] = "Fragmentation",
        ["6"] = "UTF-8",
        ["7"] = "Close",
        ["9"] = "Limits",
        ["10"] = "Automatic fragmentation",
        ["12"] = "Compression: contents",
        ["13"] = "Compression: offers",
    };

    private static readonly string Page = Path.Combine(RunningProcess.SolutionFolder, "docs/contributing/autobahn.md");

    [Test]
    public void The_page_of_the_Autobahn_cases_has_a_row_for_each() => WrittenPage.Check(Page, Generate());

    [Test]
    public void No_Autobahn_case_is_missing()
    {
        (string Start, int Count)[] groups =
        [
            ("1.1", 8), ("1.2", 8), ("2", 11), ("3", 7), ("4.1", 5), ("4.2", 5), ("5", 20), ("6.1", 3), ("6.2", 4), ("6.3", 2), ("6.4", 4),
            ("6.5", 5), ("6.6", 11), ("6.7", 4), ("6.8", 2), ("6.9", 4), ("6.10", 3), ("6.11", 5), ("6.12", 8), ("6.13", 5), ("6.14", 10), ("6.15", 1), ("6.16", 3),
            ("6.17", 5), ("6.18", 5), ("6.19", 5), ("6.20", 7), ("6.21", 8), ("6.22", 34), ("6.23", 7),
            ("7.1", 6), ("7.3", 6), ("7.5", 1), ("7.7", 13), ("7.9", 9), ("7.13", 2),
            ("9.1", 6), ("9.2", 6), ("9.3", 9), ("9.4", 9), ("9.5", 6), ("9.6", 6), ("9.7", 6), ("9.8", 6), ("10.1", 1),
            .. Enumerable.Range(1, 5).Select(group => ($"12.{group}", 18)), .. Enumerable.Range(1, 7).Select(group => ($"13.{group}", 18)),
        ];
        var numbers = groups.SelectMany(group => Enumerable.Range(1, group.Count).Select(number => $"{group.Start}.{number.ToString(CultureInfo.InvariantCulture)}"));

        Assert.That(AutobahnCases.All.Select(one => one.Number), Is.EquivalentTo(numbers));
    }

    private static string Generate()
    {
        var page = new StringBuilder(Header);
        foreach (var category in AutobahnCases.All.GroupBy(one => one.Category))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {category.Key}: {Names[category.Key]}\n\n| Case | The client sends | The broker answers |\n|---|---|---|\n");
            foreach (var one in category.DistinctBy(one => one.Row).OrderBy(one => one.Number, Comparer<string>.Create(CompareNumbers)))
            {
                page.Append(CultureInfo.InvariantCulture, $"| {one.Row} | {one.Sends} | {one.Summary} |\n");
            }
        }

        return page.ToString();
    }

    private static int CompareNumbers(string left, string right) =>
        left.Split('.').Zip(right.Split('.'), (one, other) => int.Parse(one, CultureInfo.InvariantCulture) - int.Parse(other, CultureInfo.InvariantCulture)).FirstOrDefault(difference => difference != 0);
}
