using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api;

/// <summary>
/// The paths that two APIs share: a bearer token means claw.events, a key means Centrifugo's server API; with neither, the first one
/// asks for its token. docs/decisions/0003-two-doors.md
/// </summary>
internal sealed class ApiDoors(PublishApi publish, ServerApi server, ServerApiMethods methods, ServerApiKey key) : IApi
{
    private const string Path = "/api";
    private const string PublishPath = $"{Path}/publish";

    /// <summary>Whether the server API has a path, alone or together with claw.events: there any method but POST is answered with 405, as Centrifugo does.</summary>
    public static bool IsServerPath(PathString path) =>
        path == Path || path == PublishPath || (path.StartsWithSegments(Path, out var rest) && ServerApiDescriptions.Find(rest.Value!.TrimStart('/')) is not null);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, (RequestDelegate)server.HandleLinesAsync).Describe(ServerApiDescriptions.Lines);
        endpoints.MapPost($"{Path}/batch", (RequestDelegate)server.HandleBatchAsync).Describe(ServerApiDescriptions.Batch);
        foreach (var (name, method) in methods.All.Where(method => method.Key is not "publish"))
        {
            endpoints.MapPost($"{Path}/{name}", (RequestDelegate)(context => server.HandleMethodAsync(context, method))).Describe(ServerApiDescriptions.Find(name)!);
        }

        var publishing = methods.All["publish"];
        endpoints.MapPost(PublishPath, (RequestDelegate)(context => MeansServer(context.Request) ? server.HandleMethodAsync(context, publishing) : publish.HandleAsync(context)))
            .Describe(ServerApiDescriptions.Publish);
    }

    private bool MeansServer(HttpRequest request) => !BearerAuthentication.IsBearer(request) && key.IsMeant(request);
}
