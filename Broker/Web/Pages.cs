namespace ClawEvents.Broker.Web;

/// <summary>The paths of the pages: which of them is a file, and which is made. docs/reference/http-api.md#pages</summary>
internal sealed class Pages(PageFiles files, DocumentPages documents, AgentTexts texts, PageData data)
{
    /// <summary>Where the page about the HTTP API is.</summary>
    public const string ApiPath = "/docs/api";

    /// <summary>Where the console for operators is.</summary>
    public const string ConsolePath = "/admin";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        MapPage(endpoints, "/", "pages/home.html");
        MapPage(endpoints, "/c/{**channel}", "pages/channel.html");
        MapPage(endpoints, ApiPath, "pages/api.html");
        endpoints.MapGet("/web/server.json", (RequestDelegate)data.WriteServerAsync);
        endpoints.MapGet("/web/channel.json", (RequestDelegate)data.WriteChannelAsync);
        endpoints.MapGet("/docs", (RequestDelegate)documents.WriteIndexAsync);
        endpoints.MapGet("/docs/{**page}", (RequestDelegate)(context => documents.WriteAsync(context, (string)context.Request.RouteValues["page"]!)));

        // Routes know no case: SKILL.md, too.
        endpoints.MapGet("/skill.md", (RequestDelegate)texts.WriteSkillAsync);
        endpoints.MapGet("/llms.txt", (RequestDelegate)texts.WriteIndexAsync);
        endpoints.MapGet("/llms-full.txt", (RequestDelegate)documents.WriteAllAsync);
    }

    /// <param name="endpoints">The pages'.</param>
    /// <param name="forOperators">Wraps what only operators may see.</param>
    public void MapConsole(IEndpointRouteBuilder endpoints, Func<RequestDelegate, RequestDelegate> forOperators) =>
        endpoints.MapGet(ConsolePath, forOperators(Page("pages/admin.html")));

    /// <summary>What the pages load.</summary>
    public void MapAssets(IEndpointRouteBuilder endpoints)
    {
        MapPage(endpoints, "/favicon.ico", "app/icon.svg");
        endpoints.MapGet("/web/{version}/{name}", (RequestDelegate)WriteAssetAsync);
    }

    private void MapPage(IEndpointRouteBuilder endpoints, string path, string file) => endpoints.MapGet(path, Page(file));

    private RequestDelegate Page(string file) => context => files.WriteAsync(context, file, PageHeaders.AskAgain);

    // The version is the content's. A page of another node, which is being replaced, names another one: it gets what there is.
    private Task WriteAssetAsync(HttpContext context)
    {
        var asked = (string)context.Request.RouteValues["version"]!;
        return files.WriteAsync(context, $"app/{context.Request.RouteValues["name"]}", asked == files.Version ? PageHeaders.KeepForever : PageHeaders.AskAgain);
    }
}
