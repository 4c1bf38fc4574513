using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Web;

/// <summary>Wires the pages for people, and the texts for programs that are given the address. docs/how-to/look-at-the-pages.md</summary>
internal static class WebRoom
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton<PageFiles>()
        .AddSingleton<Documents>()
        .AddSingleton<DocumentPages>()
        .AddSingleton<ServerAddress>()
        .AddSingleton<AgentTexts>()
        .AddSingleton<PageData>()
        .AddSingleton<Pages>();

    /// <summary>Maps the pages. They are no part of the HTTP API, and yield to every path of it that a setting moves here.</summary>
    /// <param name="application">The broker's.</param>
    /// <param name="api">Which pages there are.</param>
    /// <param name="forOperators">Lets only those requests pass that come over the port for operators.</param>
    public static void Map(WebApplication application, ApiOptions api, Func<RequestDelegate, RequestDelegate> forOperators)
    {
        var group = application.MapGroup("");
        group.ExcludeFromDescription().WithOrder(1);
        var pages = application.Services.GetRequiredService<Pages>();
        if (api.ShowsPages)
        {
            pages.Map(group);
            Lead(group, api.ApiPagePath, Pages.ApiPath, answer => answer);
        }

        if (api.ShowsAdmin)
        {
            pages.MapConsole(group, forOperators);
            Lead(group, api.AdminPath, Pages.ConsolePath, forOperators);
        }

        if (api.ShowsPages || api.ShowsAdmin)
        {
            pages.MapAssets(group);
        }
    }

    // The page itself has one address.
    private static void Lead(IEndpointRouteBuilder endpoints, string? path, string page, Func<RequestDelegate, RequestDelegate> wrap)
    {
        if (path is not null && path != page)
        {
            endpoints.MapGet(path, wrap(context =>
            {
                context.Response.Redirect(page);
                return Task.CompletedTask;
            }));
        }
    }
}
