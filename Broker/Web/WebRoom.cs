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
    public static void Map(WebApplication application)
    {
        var pages = application.MapGroup("");
        pages.ExcludeFromDescription().WithOrder(1);
        application.Services.GetRequiredService<Pages>().Map(pages);
    }
}
