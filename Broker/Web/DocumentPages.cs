using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;

namespace ClawEvents.Broker.Web;

/// <summary>The documentation as pages: <c>/docs</c>, <c>/docs/PAGE</c>, the Markdown of each, and all of it in one text.</summary>
/// <remarks>A page is made at its first look, and kept compressed. Thread-safe.</remarks>
internal sealed class DocumentPages(Documents documents)
{
    private const string MarkdownType = "text/markdown; charset=utf-8";

    private readonly ConcurrentDictionary<string, MadeText> _made = new(StringComparer.Ordinal);

    private readonly Lazy<string> _frame = new(() => PackedFiles.ReadText("pages/docs.html")!);

    /// <summary>The index.</summary>
    public Task WriteIndexAsync(HttpContext context) => WriteHtmlAsync(context, "", MakeIndex);

    /// <summary>A page, or its Markdown; a name that claw.events has for a page leads there, and an unknown one to the index, with 404.</summary>
    /// <param name="path">As in <see cref="Document.Path"/>, or with <c>.md</c>.</param>
    public Task WriteAsync(HttpContext context, string path)
    {
        var isMarkdown = path.EndsWith(".md", StringComparison.Ordinal);
        if (documents.Find(isMarkdown ? path[..^3] : path) is { } page)
        {
            return isMarkdown
                ? PageFiles.WriteAsync(context, _made.GetOrAdd(path, _ => MadeText.Of(Documents.Read(page))), MarkdownType)
                : WriteHtmlAsync(context, page.Path, () => Make(page));
        }

        if (FormerDocuments.Find(path) is { } target)
        {
            context.Response.Redirect(target);
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return WriteHtmlAsync(context, "?", MakeMissing);
    }

    /// <summary><c>GET /llms-full.txt</c>: all pages in one text, which the search reads, too.</summary>
    public Task WriteAllAsync(HttpContext context) => PageFiles.WriteAsync(context, _made.GetOrAdd("*", _ => MadeText.Of(ReadAll())), "text/plain; charset=utf-8");

    private Task WriteHtmlAsync(HttpContext context, string key, Func<string> make) =>
        PageFiles.WriteAsync(context, _made.GetOrAdd(key, _ => MadeText.Of(make())), "text/html; charset=utf-8");

    private string Make(Document page)
    {
        var rendered = DocumentRenderer.Render(Documents.Read(page), page, documents);
        var sections = rendered.Sections.Count < 2 ? "" : string.Concat(rendered.Sections.Select(section => $"<li><a href=\"#{Encode(section.Anchor)}\">{Encode(section.Text)}</a></li>"));
        return Fill(page.Title, page.Path, rendered.Html, sections.Length == 0 ? "" : $"<h2>On this page</h2><ul>{sections}</ul>");
    }

    private string MakeIndex()
    {
        var html = new StringBuilder("<h1>Documentation</h1><div class=\"needs\">");
        foreach (var group in documents.Groups)
        {
            html.Append($"<section><h2>{Encode(group.Need)}</h2><ul>");
            foreach (var (path, name) in group.Pages)
            {
                var page = documents.Find(path)!;
                html.Append($"<li><a href=\"{page.Url}\">{Encode(Capital(name))}</a><span>{Encode(page.Summary)}</span></li>");
            }

            html.Append("</ul></section>");
        }

        return Fill("Documentation", "", html.Append("</div>").ToString(), "");
    }

    private string MakeMissing() => Fill("No such page", "", "<h1>No such page</h1><p>The documentation of this version has no page of that name. Search for it, or look it up in the <a href=\"/docs\">index</a>.</p>", "");

    private string Fill(string title, string path, string content, string sections) => _frame.Value
        .Replace("{{page}}", Encode(title), StringComparison.Ordinal)
        .Replace("{{index}}", MakeNavigation(path), StringComparison.Ordinal)
        .Replace("{{sections}}", sections, StringComparison.Ordinal)
        .Replace("{{content}}", content, StringComparison.Ordinal);

    private string MakeNavigation(string current)
    {
        var html = new StringBuilder();
        foreach (var group in documents.Groups)
        {
            html.Append($"<details{(group.Pages.Any(page => page.Path == current) ? " open" : "")}><summary>{Encode(group.Need)}</summary><ul>");
            foreach (var (path, name) in group.Pages)
            {
                html.Append($"<li><a href=\"/docs/{path}\"{(path == current ? " aria-current=\"page\"" : "")}>{Encode(Capital(name))}</a></li>");
            }

            html.Append("</ul></details>");
        }

        return html.ToString();
    }

    private string ReadAll()
    {
        var text = new StringBuilder();
        foreach (var page in documents.All)
        {
            text.Append($"<!-- {page.Url} -->\n\n").Append(Documents.Read(page)).Append('\n');
        }

        return text.ToString();
    }

    private static string Capital(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
