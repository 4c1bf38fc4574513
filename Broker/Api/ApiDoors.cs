namespace ClawEvents.Broker.Api;

/// <summary>
/// The paths that two APIs share: a bearer token means claw.events, a key means Centrifugo's server API; with neither, the first one
/// asks for its token. docs/decisions/0003-two-doors.md
/// </summary>
internal sealed class ApiDoors(PublishApi publish, ServerApi server)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api", (RequestDelegate)server.HandleLinesAsync);
        endpoints.MapPost("/api/info", (RequestDelegate)(context => server.HandleMethodAsync(context, "info")));
        endpoints.MapPost("/api/publish", (RequestDelegate)PublishAsync);
    }

    private Task PublishAsync(HttpContext context) =>
        !BearerAuthentication.IsBearer(context.Request) && ServerApiKey.IsPresent(context.Request)
            ? server.HandleMethodAsync(context, "publish")
            : publish.HandleAsync(context);
}
