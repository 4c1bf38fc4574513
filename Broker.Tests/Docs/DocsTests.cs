using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The pages say what the code does: their tables are whole.</summary>
internal sealed partial class DocsTests
{
    private static readonly string Root = RunningProcess.SolutionFolder;

    [Test]
    public void Every_setting_that_is_read_has_a_row()
    {
        var asked = new AskedNames();
        _ = new BrokerOptionsReader(asked).Read();
        var page = File.ReadAllText(Path.Combine(Root, "docs/reference/settings.md"));

        Assert.That(asked.Names, Is.Not.Empty);
        Assert.That(asked.Names.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase(typeof(ErrorCode))]
    [TestCase(typeof(UnsubscribeCode))]
    [TestCase(typeof(DisconnectCode))]
    [Checklist(137)]
    public void Every_code_has_a_row(Type codes)
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/reference/codes.md"));
        var numbers = codes.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (int)codes.GetProperty("Code")!.GetValue(field.GetValue(null))!)
            .ToList();

        Assert.That(numbers, Is.Not.Empty);
        Assert.That(numbers.Where(number => !page.Contains($"\n| {number.ToString(CultureInfo.InvariantCulture)} |", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_command_and_option_of_the_client_is_on_its_page()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/reference/cli.md"));
        var commands = new VerbTable(Verbs.All()).All().SelectMany(verb => verb.Subcommands.OfType<Verb>().DefaultIfEmpty(verb)).ToList();
        var names = commands.Select(command => $"`{command.FullName}")
            .Concat(commands.SelectMany(command => command.Aliases).Select(alias => $"`{alias}`"))
            .Concat(commands.SelectMany(command => command.Options).Concat(new GlobalOptions().All).Select(option => option.Name));

        Assert.That(names.Where(name => !page.Contains(name, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_check_of_the_doctor_has_a_row()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/reference/broker-commands.md"));
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Root, "Broker/Doctor"), "*.cs").Select(File.ReadAllText));
        var checks = CheckNames().Matches(source).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.That(checks, Has.Count.GreaterThan(30));
        Assert.That(checks.Where(check => !page.Contains($"`{check}`", StringComparison.Ordinal)), Is.Empty);
    }

    // const string check = "x", Finding.Ok("x", Unsafe("x", SilenceWatch("x"
    [GeneratedRegex(@"(?:[Cc]heck = |Finding\.(?:Ok|Skipped|Warning|Fault)\(|Unsafe\()""([a-z-]+)""")]
    private static partial Regex CheckNames();

    /// <summary>A configuration without values that remembers what it was asked for.</summary>
    private sealed class AskedNames : IConfiguration
    {
        private readonly IConfiguration _empty = new ConfigurationBuilder().Build();

        public HashSet<string> Names { get; } = [];

        public string? this[string key]
        {
            get
            {
                Names.Add(key);
                return null;
            }
            set => throw new NotSupportedException();
        }

        public IEnumerable<IConfigurationSection> GetChildren() => _empty.GetChildren();

        public Microsoft.Extensions.Primitives.IChangeToken GetReloadToken() => _empty.GetReloadToken();

        public IConfigurationSection GetSection(string key) => _empty.GetSection(key);
    }
}
