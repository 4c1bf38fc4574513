using ClawEvents.Broker.Api.Description;

namespace ClawEvents.Broker.Api;

/// <summary>
/// The paths that two APIs share: a bearer token means claw.events, a key means Centrifugo's server API; with neither, the first one
/// asks for its token. docs/decisions/0003-two-doors.md
/// </summary>
internal sealed class ApiDoors(PublishApi publish, ServerApi server)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api", (RequestDelegate)server.HandleLinesAsync).Describe(new("Server API", "Call methods, one object a line")
        {
            Caller = ApiCaller.Key,
            Body = [ApiField.Text("method"), ApiField.Object("params").Optional()],
            Answer = [ApiField.Object("result").Optional(), ApiField.Object("error").Optional()],
        });
        endpoints.MapPost("/api/info", (RequestDelegate)(context => server.HandleMethodAsync(context, "info"))).Describe(new("Server API", "What the node does")
        {
            Caller = ApiCaller.Key,
            Answer = [ApiField.Object("result")],
        });
        endpoints.MapPost("/api/publish", (RequestDelegate)PublishAsync).Describe(new("Channels", "Publish to a channel")
        {
            Caller = ApiCaller.TokenOrKey,
            Body = [ApiField.Channel, ApiField.Any("payload", "with a token: what subscribers get, in an envelope that names the sender").Optional(), ApiField.Any("data", "with a key: what subscribers get, as it is").Optional()],
            Answer = [ApiField.Ok.Optional(), ApiField.Object("result")],
            Refusals = [StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests],
        });
    }

    private Task PublishAsync(HttpContext context) =>
        !BearerAuthentication.IsBearer(context.Request) && ServerApiKey.IsPresent(context.Request)
            ? server.HandleMethodAsync(context, "publish")
            : publish.HandleAsync(context);
}
