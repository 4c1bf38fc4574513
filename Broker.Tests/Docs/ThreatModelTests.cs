using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

internal sealed partial class ThreatModelTests
{
    [Test]
    public void Every_limit_of_the_threat_model_names_tests_that_exist()
    {
        var page = File.ReadAllText(Path.Combine(RunningProcess.SolutionFolder, "docs", "explanation", "threat-model.md"));
        var fixtures = typeof(ThreatModelTests).Assembly.GetTypes().Select(type => type.Name).ToHashSet(StringComparer.Ordinal);

        var named = Fixture().Matches(page).Select(match => match.Groups[1].Value).ToList();

        Assert.That(named, Has.Count.GreaterThan(15));
        Assert.That(named.Where(name => !fixtures.Contains(name)), Is.Empty);
    }

    [GeneratedRegex("`(\\w+Tests)`")]
    private static partial Regex Fixture();
}
