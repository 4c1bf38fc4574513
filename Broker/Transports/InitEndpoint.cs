using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Transports;

/// <summary><c>GET /connection/init</c>: an empty answer, for the cookie that a load balancer adds to it. docs/reference/transports.md#sticky-sessions</summary>
internal sealed class InitEndpoint(TransportSettings transports, OriginPolicy origins)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (!transports.Init)
        {
            return;
        }

        endpoints.MapGet(transports.Paths.Init, (RequestDelegate)AnswerAsync).Describe(new("WebSocket", "Get a load balancer's cookie before connecting (docs/reference/transports.md)"));
        endpoints.MapOtherMethods(transports.Paths.Init, origins, HttpMethods.Get, "GET this path");
    }

    private Task AnswerAsync(HttpContext context)
    {
        CrossOrigin.AllowOrigin(context, origins);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("{}");
    }
}
