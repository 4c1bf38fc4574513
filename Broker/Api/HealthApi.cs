using ClawEvents.Broker.Api.Description;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /health</c>, or another path that was set: whether the broker answers, and whether its store can keep what it is told. docs/reference/http-api.md#health</summary>
/// <remarks>What exactly is wrong is for the log: anybody may ask here.</remarks>
internal sealed class HealthApi(BrokerOptions options, IStateStore store)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(options.Operations.HealthPath, (RequestDelegate)HandleAsync).Describe(new("Operation", "Whether the broker can keep what it is told")
        {
            Answer = [ApiField.Ok, ApiField.Object("store", "type and ok of the state store")],
            OtherStatus = StatusCodes.Status503ServiceUnavailable,
        });

    private async Task HandleAsync(HttpContext context)
    {
        var health = await store.CheckHealthAsync();
        await ApiResponse.WriteAsync(context.Response, health.IsOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteBoolean("ok", health.IsOk);
            json.WriteStartObject("store");
            json.WriteString("type", health.Type);
            json.WriteBoolean("ok", health.IsOk);
            json.WriteEndObject();
        });
    }
}
