using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api.Admin;

/// <summary><c>GET /api/connections</c>: who is connected, on all nodes. docs/reference/http-api.md#connections</summary>
internal sealed class ConnectionsApi(OperatorDoor door, INodeQuestions nodes) : IApi
{
    private const int DefaultLimit = 50;

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/connections", door.Guard(HandleAsync)).Describe(new("Operation", "Find connections")
    {
        Caller = ApiCaller.Key,
        Query =
        [
            ApiField.Text("user", "of this user; empty: of clients without one").Optional(), ApiField.Text("client", "the one with this id").Optional(),
            ApiField.Text("channel", "subscribed to this channel").Optional(), ApiField.Number("limit", $"1 to {ConnectionQuery.MaxLimit}").Optional(),
        ],
        Answer = [ApiField.Ok, ApiField.List("connections", "newest first"), ApiField.Number("total", "of all that match"), ApiField.List("nodes", "those that have answered")],
        Refusals = [StatusCodes.Status400BadRequest],
    });

    private async Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var written) && !(int.TryParse(written, out limit) && limit is >= 1 and <= ConnectionQuery.MaxLimit))
        {
            await ApiError.BadRequest($"limit must be a number from 1 to {ConnectionQuery.MaxLimit}").WriteAsync(context.Response);
            return;
        }

        string? Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
        var asked = new ConnectionQuery(Text("user"), Text("client"), Text("channel"), limit);
        await AnswerAsync(context.Response, await nodes.AskAsync(NodeTopic.Connections, asked.ToText()), limit);
    }

    private static Task AnswerAsync(HttpResponse response, IReadOnlyList<NodeText> answers, int limit) => ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
    {
        var said = answers.Select(answer => (Node: answer.Id, Json: JsonElement.Parse(answer.Json.Span))).ToArray();
        var found = said.SelectMany(answer => answer.Json.GetProperty("connections").EnumerateArray().Select(connection => (answer.Node, Json: connection)));
        json.WriteBoolean("ok", true);
        json.WriteStartArray("connections");
        foreach (var (node, connection) in found.OrderBy(one => one.Json.GetProperty("connectedSeconds").GetInt64()).Take(limit))
        {
            Write(json, node, connection);
        }

        json.WriteEndArray();
        json.WriteNumber("total", said.Sum(answer => answer.Json.GetProperty("total").GetInt64()));
        json.WriteStartArray("nodes");
        foreach (var answer in answers)
        {
            json.WriteStartObject();
            json.WriteString("id", answer.Id);
            json.WriteString("name", answer.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, string node, JsonElement connection)
    {
        json.WriteStartObject();
        json.WriteString("node", node);
        foreach (var field in connection.EnumerateObject())
        {
            field.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
