using System.Text;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Web;

/// <summary>The texts from which a program that is given nothing but the address learns to use this server: <c>/SKILL.md</c> and <c>/llms.txt</c>.</summary>
internal sealed partial class AgentTexts(ServerAddress address, ApiOptions api, Documents documents)
{
    /// <summary><c>GET /SKILL.md</c>: get a token, publish, listen, lock, grant, advertise.</summary>
    public Task WriteSkillAsync(HttpContext context) => WriteAsync(context, "texts/skill.md", "text/markdown; charset=utf-8");

    /// <summary><c>GET /llms.txt</c>: the index of the documentation, in the form of llmstxt.org.</summary>
    public Task WriteIndexAsync(HttpContext context) => WriteAsync(context, "texts/llms.txt", "text/plain; charset=utf-8");

    // Not kept by anybody: another request may name the server otherwise.
    private Task WriteAsync(HttpContext context, string name, string type)
    {
        var server = address.Of(context);
        var text = Part().Replace(PackedFiles.ReadText(name)!, part => part.Groups["mode"].Value == "development" == api.DevMode ? part.Groups["text"].Value : "")
            .Replace("{{server}}", server, StringComparison.Ordinal)
            .Replace("{{websocket}}", $"ws{server[4..]}/connection/websocket", StringComparison.Ordinal)
            .Replace("{{pages}}", MakeIndex(server), StringComparison.Ordinal);
        PageHeaders.Set(context.Response, type, "no-store");
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private string MakeIndex(string server)
    {
        var text = new StringBuilder();
        foreach (var group in documents.Groups)
        {
            text.Append($"## {group.Need}\n\n");
            foreach (var (path, name) in group.Pages)
            {
                text.Append($"- [{name}]({server}/docs/{path}.md): {documents.Find(path)!.Summary}\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    // {{#development}} … {{/}} for a broker in development mode, {{#production}} … {{/}} for any other.
    [GeneratedRegex(@"\{\{#(?<mode>\w+)\}\}\n(?<text>.*?)\{\{/\}\}\n", RegexOptions.Singleline)]
    private static partial Regex Part();
}
