using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ClawEvents.Broker.Web;

/// <summary>A page as HTML.</summary>
/// <param name="Sections">The headings of the second level: the anchor and the text of each.</param>
internal sealed record RenderedDocument(string Html, IReadOnlyList<(string Anchor, string Text)> Sections);

/// <summary>Turns the project's Markdown into HTML, with its links as paths of this server.</summary>
internal static class DocumentRenderer
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).DisableHtml().Build();

    /// <param name="page">Where its relative links begin.</param>
    /// <param name="documents">The pages to which they may lead.</param>
    public static RenderedDocument Render(string markdown, Document page, Documents documents)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            if (link.IsImage || !TryRewrite(link, page, documents))
            {
                Unlink(link);
            }
        }

        var sections = document.Descendants<HeadingBlock>().Where(heading => heading.Level == 2)
            .Select(heading => (heading.GetAttributes().Id ?? "", TextOf(heading.Inline)));
        return new(document.ToHtml(Pipeline), [.. sections]);
    }

    // False: it leads to a file that is in the repository only.
    private static bool TryRewrite(LinkInline link, Document page, Documents documents)
    {
        var url = link.Url ?? "";
        if (url.StartsWith('#'))
        {
            return true;
        }

        if (Uri.TryCreate(url, UriKind.Absolute, out var absolute) && (absolute.Scheme == Uri.UriSchemeHttps || absolute.Scheme == Uri.UriSchemeHttp))
        {
            link.GetAttributes().AddProperty("rel", "noreferrer");
            return true;
        }

        // The pages' folder stands for the root of this address.
        var target = new Uri(new Uri($"http://docs/{page.Path}"), url);
        var path = target.AbsolutePath.TrimStart('/');
        var found = documents.Find(path.EndsWith(".md", StringComparison.Ordinal) ? path[..^3] : path);
        link.Url = found?.Url + target.Fragment;
        return found is not null;
    }

    private static void Unlink(LinkInline link)
    {
        var text = new LiteralInline(TextOf(link));
        link.ReplaceBy(link.IsImage ? new EmphasisInline { DelimiterChar = '*', DelimiterCount = 1 }.AppendChild(text) : text, copyChildren: false);
    }

    private static string TextOf(ContainerInline? inline) => string.Concat((inline ?? []).Descendants().Select(part => part switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    }));
}
