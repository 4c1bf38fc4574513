using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The catalog of settings has those that are read, as their page lists them.</summary>
internal sealed partial class SettingCatalogTests
{
    // In the section of a setting: that they are read is .NET's doing.
    private static readonly string[] OfLogging = ["Logging:Console:LogLevel"];

    private static readonly string Page = File.ReadAllText(Path.Combine(RunningProcess.SolutionFolder, "docs/reference/settings.md"));

    private static IEnumerable<SettingInfo> All => SettingCatalog.Topics.SelectMany(topic => topic.Settings);

    [Test]
    public void Every_setting_that_is_read_is_in_the_catalog_and_no_other()
    {
        var asked = new AskedSettings(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("SeparateSubscriptionTokens", (string?)"true")]).Build());
        _ = new BrokerOptionsReader(asked).Read();

        Assert.That(All.Select(setting => setting.Name), Is.EquivalentTo(asked.Names.Except(OfLogging).Append(CentrifugoReview.AcceptName)));
    }

    [Test]
    public void The_topics_are_those_of_the_page_and_in_its_order() => Assert.That(
        SettingCatalog.Topics.Select(topic => topic.Title),
        Is.EqualTo(Headings().Matches(Page).Select(match => match.Groups[1].Value).Where(title => SettingCatalog.Topics.Any(topic => topic.Title == title))));

    [Test]
    public void The_defaults_are_those_of_the_page()
    {
        var defaults = Rows().Matches(Page).Select(match => match.Groups[1].Value.Split('|')).ToList();

        Assert.That(All.Where(setting => setting.Suffix.Length == 0 && DefaultOnPage(setting.Name, defaults) != setting.Default).Select(setting => $"{setting.Name}: {DefaultOnPage(setting.Name, defaults)}"), Is.Empty);
    }

    [TestCase("Reloaded", true)]
    [TestCase("Needs a restart", false)]
    public void The_page_says_of_every_setting_whether_it_is_reloaded(string table, bool isReloadable)
    {
        var names = NamesInTable(table);

        Assert.That(names.Where(name => !All.Any(setting => IsNamed(setting, name))), Is.Empty, "Names of no setting.");
        Assert.That(All.Where(setting => names.Any(name => IsNamed(setting, name))).Select(setting => setting.Name), Is.EquivalentTo(All.Where(setting => setting.IsReloadable == isReloadable).Select(setting => setting.Name)));
    }

    // The first cells of its rows.
    private static List<string> NamesInTable(string title)
    {
        var table = Page[Page.IndexOf($"| {title} |", StringComparison.Ordinal)..].Split("\n\n")[0];
        return [.. table.Split('\n').Skip(2).SelectMany(row => Names().Matches(row.Split('|')[1])).Select(match => match.Groups[1].Value)];
    }

    // Token… stands for all that begin with it.
    private static bool IsNamed(SettingInfo setting, string name) =>
        name.EndsWith('…') ? setting.Name.StartsWith(name[..^1], StringComparison.Ordinal) : setting.Name == name;

    // A row may have several names, with one default for all or one for each.
    private static string? DefaultOnPage(string name, IEnumerable<string[]> rows)
    {
        var row = rows.First(row => Names().Matches(row[0]).Any(match => match.Groups[1].Value == name));
        var names = Names().Matches(row[0]).Select(match => match.Groups[1].Value).ToList();
        var text = row[1].Replace("`", "", StringComparison.Ordinal).Trim();
        var each = text.Split(", ");
        return names.Count > 1 && each.Length == names.Count ? each[names.IndexOf(name)] : text;
    }

    [GeneratedRegex("^##+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"^\|( `.+)\|$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();
}
