using System.Net;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Web;
using ClawEvents.Cli.Arguments;
using ClawEvents.Cli.Commands;

namespace ClawEvents.Broker.Tests.Web;

/// <summary>The documentation as pages: all of it is there, and every link leads somewhere.</summary>
public sealed partial class DocumentPagesTests : RunningBrokerTests
{
    private static readonly string Folder = Path.Combine(RunningProcess.SolutionFolder, "docs");

    [Test]
    public void Every_page_of_the_project_is_in_the_program()
    {
        var pages = Directory.EnumerateFiles(Folder, "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)[..^3]);

        Assert.That(new Documents().All.Select(page => page.Path), Is.EquivalentTo(pages));
    }

    [Test]
    public async Task Every_page_can_be_reached_by_links_and_every_link_leads_to_a_page_and_a_heading()
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        var broken = new List<string>();
        var waiting = new Queue<(string From, string Url)>([("", "/docs")]);
        while (waiting.TryDequeue(out var link))
        {
            var (path, anchor) = link.Url.Split('#') is [var before, var after] ? (before, after) : (link.Url, "");
            if (!read.TryGetValue(path, out var html))
            {
                read[path] = html = await ReadAsync(path);
                foreach (Match found in Links().Matches(html))
                {
                    waiting.Enqueue((path, found.Groups["url"].Value is ['#', ..] own ? path + own : found.Groups["url"].Value));
                }
            }

            if (html.Length == 0 || (anchor.Length > 0 && !html.Contains($" id=\"{WebUtility.HtmlDecode(anchor)}\"", StringComparison.Ordinal)))
            {
                broken.Add($"{link.From}: {link.Url}");
            }
        }

        Assert.That(broken, Is.Empty);
        Assert.That(new Documents().All.Select(page => page.Url).Where(url => !read.ContainsKey(url) && !url.StartsWith("/docs/operations/", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Names_of_pages_at_claw_events_lead_to_a_page_and_a_heading_here()
    {
        foreach (var name in FormerDocuments.Names)
        {
            var (path, anchor) = FormerDocuments.Find(name)!.Split('#') is [var before, var after] ? (before, after) : (FormerDocuments.Find(name)!, "");
            Assert.That(await ReadAsync($"/docs/{name}"), Does.Contain(anchor.Length > 0 ? $" id=\"{anchor}\"" : "<h1"), path);
        }
    }

    [Test]
    public void Every_page_that_the_help_of_the_client_names_is_there()
    {
        var verbs = new VerbTable(Verbs.All()).All().SelectMany(verb => verb.Subcommands.OfType<Verb>().Append(verb));

        Assert.That(verbs.Select(verb => verb.Help.Page).Distinct().Where(page => FormerDocuments.Find(page) is null), Is.Empty);
    }

    [Test]
    public async Task An_unknown_page_is_a_404_that_leads_on()
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, "/docs/no/such%3Cscript%3E", null);

        Assert.That((answer.Status, answer.Body.Contains("<h1>No such page</h1>", StringComparison.Ordinal)), Is.EqualTo((404, true)));
        Assert.That(answer.Body, Does.Not.Contain("such<script").And.Contain("<claw-search>"));
    }

    // Empty: there is no such page.
    private async Task<string> ReadAsync(string path)
    {
        var answer = await Broker.SendAsync(HttpMethod.Get, path, null);
        return answer.Status == 200 ? answer.Body : "";
    }

    // Of the same server; assets are tested elsewhere.
    [GeneratedRegex(@"<a (?:class=""\w+"" )?href=""(?<url>(?:/(?!web)|#(?!main))[^""]*)""")]
    private static partial Regex Links();
}
