using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary><c>GET /agents</c>: principals that have published or asked for access. docs/reference/http-api.md#agents</summary>
internal sealed class AgentsApi(IStateStore store, ActivityRecorder activity) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/agents", (RequestDelegate)ListAsync).Describe(new("Agents", "List principals that have published")
        {
            Query = PageQuery.Fields,
            Answer = [ApiField.List("agents"), ApiField.Number("count"), ApiField.Number("total")],
            Refusals = [StatusCodes.Status400BadRequest],
        });

    private async Task ListAsync(HttpContext context)
    {
        if (await PageQuery.ReadAsync(context) is not { } page)
        {
            return;
        }

        await activity.ReportAsync();
        var senders = await store.GetSendersAsync();
        var agents = senders.Skip(page.Offset).Take(page.Limit).ToList();
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("agents");
            foreach (var agent in agents)
            {
                json.WriteStringValue(agent);
            }

            json.WriteEndArray();
            json.WriteNumber("count", agents.Count);
            json.WriteNumber("total", senders.Count);
        });
    }
}
