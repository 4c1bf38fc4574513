using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api;

/// <summary>
/// The paths that two APIs share: a bearer token means claw.events, a key means Centrifugo's server API; with neither, the first one
/// asks for its token. docs/decisions/0003-two-doors.md
/// </summary>
internal sealed class ApiDoors(PublishApi publish, ServerApi server, ServerApiMethods methods, ServerApiKey key, AdminSessions sessions, ApiOptions options) : IApi
{
    private const string Path = "/api";
    private const string PublishPath = $"{Path}/publish";

    /// <summary>Whether the server API has a path, alone or together with claw.events: there any method but POST is answered with 405, as Centrifugo does.</summary>
    public static bool IsServerPath(PathString path) =>
        path == Path || path == PublishPath || (path.StartsWithSegments(Path, out var rest) && ServerApiDescriptions.Find(rest.Value!.TrimStart('/')) is not null);

    // Where a setting has moved the server API, only the console has it at the usual path.
    private bool IsMoved => options.ServerApiPath != Path;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        MapServer(endpoints, Path, IsMoved ? answer => InternalPort.Guard(answer, context => sessions.IsMeant(context.Request)) : answer => answer);
        if (IsMoved)
        {
            MapServer(endpoints, options.ServerApiPath, answer => answer);
            endpoints.MapPost($"{options.ServerApiPath}/publish", (RequestDelegate)(context => server.HandleMethodAsync(context, methods.All["publish"]))).Describe(ServerApiDescriptions.Publish);
        }

        var publishing = methods.All["publish"];
        endpoints.MapPost(PublishPath, (RequestDelegate)(context => MeansServer(context.Request) ? server.HandleMethodAsync(context, publishing) : publish.HandleAsync(context)))
            .Describe(ServerApiDescriptions.Publish);
    }

    // All methods but publish.
    private void MapServer(IEndpointRouteBuilder endpoints, string path, Func<RequestDelegate, RequestDelegate> wrap)
    {
        endpoints.MapPost(path, wrap(server.HandleLinesAsync)).Describe(ServerApiDescriptions.Lines);
        endpoints.MapPost($"{path}/batch", wrap(server.HandleBatchAsync)).Describe(ServerApiDescriptions.Batch);
        foreach (var (name, method) in methods.All.Where(method => method.Key is not "publish"))
        {
            endpoints.MapPost($"{path}/{name}", wrap(context => server.HandleMethodAsync(context, method))).Describe(ServerApiDescriptions.Find(name)!);
        }
    }

    private bool MeansServer(HttpRequest request) => !BearerAuthentication.IsBearer(request) && (IsMoved ? sessions.IsMeant(request) : key.IsMeant(request));
}
