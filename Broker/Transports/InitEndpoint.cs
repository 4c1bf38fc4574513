using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Transports;

/// <summary><c>GET /connection/init</c>: nothing, but the cookie that a load balancer puts on the answer. docs/reference/transports.md#sticky-sessions</summary>
internal sealed class InitEndpoint(BrokerOptions options, OriginPolicy origins)
{
    public const string Path = "/connection/init";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        if (!options.Transports.Init)
        {
            return;
        }

        endpoints.MapGet(Path, (RequestDelegate)AnswerAsync).Describe(new("WebSocket", "Get the cookie of a load balancer before connecting (docs/reference/transports.md)"));
        endpoints.MapOtherMethods(Path, origins, HttpMethods.Get, "GET this path");
    }

    private Task AnswerAsync(HttpContext context)
    {
        CrossOrigin.Admit(context, origins);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("{}");
    }
}
