using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /health</c>, or another configured path: whether the broker answers, its store can save changes, and the bus works. docs/reference/http-api.md#health</summary>
/// <remarks>The exact fault is only logged, because anybody may call this.</remarks>
internal sealed class HealthApi(ApiOptions options, IStateStore store, INodeBus bus) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(options.HealthPath, (RequestDelegate)HandleAsync).Describe(new("Operation", "Whether the broker can save changes")
        {
            Answer = [ApiField.Ok, ApiField.Object("store", "type and ok of the state store"), ApiField.Object("bus", "ok of the bus between nodes")],
            OtherStatus = StatusCodes.Status503ServiceUnavailable,
        });

    private async Task HandleAsync(HttpContext context)
    {
        // Both in parallel: either may wait for its server, and the answer is due within two seconds.
        var finding = bus.FindFaultAsync();
        var health = await store.CheckHealthAsync();
        var isBusOk = await finding is null;
        var isOk = health.IsOk && isBusOk;
        await ApiResponse.WriteAsync(context.Response, isOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteBoolean("ok", isOk);
            json.WriteStartObject("store");
            json.WriteString("type", health.Type);
            json.WriteBoolean("ok", health.IsOk);
            json.WriteEndObject();
            json.WriteStartObject("bus");
            json.WriteBoolean("ok", isBusOk);
            json.WriteEndObject();
        });
    }
}
