using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The page about Centrifugo's settings says of each option of version 6.9 what the reader does with it.</summary>
internal sealed class CentrifugoSettingsPageTests
{
    private const string Marker = "<!-- CLAW_UPDATE_DOCS=1 writes the rest again (CentrifugoSettingsPageTests) -->\n";

    private static readonly string Page = Path.Combine(RunningProcess.SolutionFolder, "docs/reference/centrifugo-settings.md");

    private static readonly Lazy<List<(CentrifugoOption Option, CentrifugoOptionEffect Effect)>> Effects =
        new(() => [.. CentrifugoOption.All.Select(option => (option, CentrifugoOptionEffect.Of(option)))]);

    [Test]
    public void The_page_says_what_each_option_does() =>
        WrittenPage.Check(Page, $"{File.ReadAllText(Page).Split(Marker)[0]}{Marker}\n{Summary()}\n{string.Join('\n', Tables())}\n");

    [Test]
    public void Every_option_that_is_ignored_has_a_reason() => Assert.That(
        from one in Effects.Value
        where !one.Option.IsIdle && !one.Effect.Works && one.Effect.Refusal is null && ReasonOf(one.Option) is null
        select one.Option.Name,
        Is.Empty);

    // A list, and a map, has keys of its own.
    private static string? ReasonOf(CentrifugoOption option) =>
        CentrifugoNames.ReasonOf(CentrifugoLeftover.KeyOf(option.Name.Replace("[]", ".0", StringComparison.Ordinal)));

    // Of servers to which the broker does not speak.
    private static readonly string[] Unspoken =
    [
        "broker.nats.", "broker.postgres.", "broker.redisnats.", "map_broker.postgres.", "controller.",
    ];

    private static string Summary()
    {
        var counted = Effects.Value.Where(one => !one.Option.IsIdle).ToList();
        var spoken = counted.Where(one => !Unspoken.Any(start => one.Option.Name.StartsWith(start, StringComparison.Ordinal))).ToList();
        var share = 100.0 * spoken.Count(one => one.Effect.Works) / spoken.Count;
        var (works, refused) = (counted.Count(one => one.Effect.Works), counted.Count(one => one.Effect.Refusal is not null));
        return string.Create(CultureInfo.InvariantCulture, $"""
            Of {counted.Count} options {works} work here ({100.0 * works / counted.Count:0.0} %), {refused} stop the start, and {counted.Count - works - refused} are ignored.
            Of the {spoken.Count} that are not for servers to which this broker does not speak (a broker in NATS or PostgreSQL) {share:0.0} % work.
            {Effects.Value.Count - counted.Count} more have no effect in Centrifugo itself: one type describes the TLS of servers and of clients, and no command goes to its client for replicas.

            """);
    }

    private static IEnumerable<string> Tables() =>
        from one in Effects.Value
        group one by one.Option.Name.Split('.')[0].Replace("[]", "", StringComparison.Ordinal) into section
        from line in (string[])[$"### {section.Key}", "", "| Option | Here |", "|---|---|", .. section.Select(one => $"| `{one.Option.Name}` | {Describe(one.Option, one.Effect)} |"), ""]
        select line;

    private static string Describe(CentrifugoOption option, CentrifugoOptionEffect effect) =>
        option.IsIdle ? "no effect in Centrifugo either"
        : effect.Works ? string.Join(", ", effect.Settings.Select(name => $"`{name}`"))
        : effect.Refusal is { } refusal ? $"stops the start: {refusal}"
        : $"ignored: {ReasonOf(option)}";
}
