using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api.Admin;

/// <summary><c>GET /api/rates</c>, <c>/api/warnings</c> and <c>/api/settings</c>: what each node says about itself. docs/reference/http-api.md#nodes</summary>
internal sealed class NodeTopicsApi(OperatorDoor door, INodeQuestions nodes) : IApi
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "/api/rates", NodeTopic.Rates, "The figures of the last hour, by node");
        Map(endpoints, "/api/warnings", NodeTopic.Warnings, "The last warnings and errors of the log, by node");
        Map(endpoints, "/api/settings", NodeTopic.Settings, "The settings and where they come from, by node");
    }

    private void Map(IEndpointRouteBuilder endpoints, string path, NodeTopic topic, string summary) =>
        endpoints.MapGet(path, door.Guard(context => AnswerAsync(context, topic))).Describe(new("Operation", summary)
        {
            Caller = ApiCaller.Key,
            Answer = [ApiField.Ok, ApiField.List("nodes", "of each: id, name, and what it says")],
        });

    private async Task AnswerAsync(HttpContext context, NodeTopic topic)
    {
        var answers = await nodes.AskAsync(topic, "");
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteStartArray("nodes");
            foreach (var answer in answers)
            {
                Write(json, answer);
            }

            json.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter json, NodeText answer)
    {
        json.WriteStartObject();
        json.WriteString("id", answer.Id);
        json.WriteString("name", answer.Name);
        foreach (var field in JsonElement.Parse(answer.Json.Span).EnumerateObject())
        {
            field.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
