using ClawEvents.Broker.Api.Admin;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Api;

/// <summary><c>/api/drain</c>: takes this node out of service and back, for callers with the key of the server API. docs/reference/http-api.md#drain</summary>
/// <remarks>The process goes on: a signal ends it, then without delay.</remarks>
internal sealed class DrainApi(Drain drain, DrainOptions options, OperatorDoor door) : IApi
{
    private const string Path = "/api/drain";

    private static readonly ApiError Stopping = new(StatusCodes.Status409Conflict, "the broker is stopping: start it again instead");

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, door.Guard(WriteAsync)).Describe(Description("How far a drain is"));
        endpoints.MapPost(Path, door.Guard(BeginAsync)).Describe(Description("Send this node's clients to other nodes"));
        endpoints.MapDelete(Path, door.Guard(CancelAsync)).Describe(Description("Serve clients again") with { Refusals = [StatusCodes.Status409Conflict] });
    }

    private static ApiDescription Description(string summary) => new("Operation", summary)
    {
        Caller = ApiCaller.Key,
        Answer =
        [
            ApiField.Ok,
            ApiField.Text("phase", "serving; leaving: not ready, but accepts connections; draining: sends its clients away; drained"),
            ApiField.Flag("ready", "as /health/ready says"),
            ApiField.Number("remaining", "connections that are open"),
            ApiField.Number("sent", "clients that were sent away"),
            ApiField.Number("delay_seconds", "DrainDelaySeconds"),
            ApiField.Number("drain_seconds", "DrainSeconds"),
        ],
    };

    private Task BeginAsync(HttpContext context)
    {
        _ = drain.Begin();
        return WriteAsync(context);
    }

    private Task CancelAsync(HttpContext context) => drain.Cancel() ? WriteAsync(context) : Stopping.WriteAsync(context.Response);

    private Task WriteAsync(HttpContext context)
    {
        var status = drain.Status;
        return ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("phase", NameOf(status.Phase));
            json.WriteBoolean("ready", status.Phase is DrainPhase.Serving);
            json.WriteNumber("remaining", status.Remaining);
            json.WriteNumber("sent", status.Sent);
            json.WriteNumber("delay_seconds", options.Delay.TotalSeconds);
            json.WriteNumber("drain_seconds", options.Time.TotalSeconds);
        });
    }

    private static string NameOf(DrainPhase phase) => phase switch
    {
        DrainPhase.Serving => "serving",
        DrainPhase.Leaving => "leaving",
        DrainPhase.Draining => "draining",
        _ => "drained",
    };
}
