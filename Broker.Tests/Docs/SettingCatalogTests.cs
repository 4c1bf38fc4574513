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

    [Test]
    public void The_page_says_what_is_reloaded()
    {
        var reload = Page[Page.IndexOf("## Reload", StringComparison.Ordinal)..];
        var names = Names().Matches(reload).Select(match => match.Groups[1].Value.TrimEnd('…')).ToList();

        Assert.That(All.Where(setting => setting.IsReloadable && !names.Exists(name => setting.Name.StartsWith(name, StringComparison.Ordinal))).Select(setting => setting.Name), Is.Empty);
    }

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
