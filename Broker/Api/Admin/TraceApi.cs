using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Telemetry.Following;

namespace ClawEvents.Broker.Api.Admin;

/// <summary><c>GET /api/trace</c>: what happens to a user or on a channel, live, as server-sent events. docs/reference/http-api.md#trace</summary>
internal sealed class TraceApi(OperatorDoor door, INodeTraces traces, IHostApplicationLifetime host) : IApi
{
    private static readonly ApiError TooMany = new(StatusCodes.Status429TooManyRequests, $"operators follow {LiveTrace.MaxFollowers} users and channels already: end one of them");
    private static readonly byte[] Comment = [.. ":\n\n"u8];

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/trace", door.Guard(HandleAsync)).Describe(new("Operation", "Follow a user or a channel live")
    {
        Caller = ApiCaller.Key,
        Query = [ApiField.Text("user", "empty: clients without a user").Optional(), ApiField.Channel.Optional()],
        Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status429TooManyRequests],
    });

    private async Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var isUser = query.TryGetValue("user", out var name);
        if (isUser == query.TryGetValue("channel", out var channel) || (!isUser && channel.ToString().Length == 0))
        {
            await ApiError.BadRequest("user or channel required, one of them").WriteAsync(context.Response);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        var subject = new TraceSubject(isUser, (isUser ? name : channel).ToString());
        if (!await traces.FollowAsync(subject, events => WriteAsync(context.Response, events, over.Token), over.Token))
        {
            await TooMany.WriteAsync(context.Response);
        }
    }

    private static async ValueTask WriteAsync(HttpResponse response, NodeEvents report, CancellationToken cancellation)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            response.Headers["X-Accel-Buffering"] = "no";
        }

        var body = response.BodyWriter;
        foreach (var happened in JsonElement.Parse(report.Events.Span).EnumerateArray())
        {
            await body.WriteAsync("data: "u8.ToArray(), cancellation);
            await body.WriteAsync(ApiResponse.Make(json => Write(json, report.Node, happened)), cancellation);
            await body.WriteAsync("\n\n"u8.ToArray(), cancellation);
        }

        // Also without events: whatever is in front learns that the stream lives.
        await body.WriteAsync(Comment, cancellation);
    }

    private static void Write(Utf8JsonWriter json, string node, JsonElement happened)
    {
        foreach (var field in happened.EnumerateObject())
        {
            field.WriteTo(json);
        }

        json.WriteString("node", node);
    }
}
