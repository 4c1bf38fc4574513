using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Api;

/// <summary>Counts and logs HTTP requests. A stream counts when it ends.</summary>
internal sealed class RequestLog(RequestDelegate next, BrokerMetrics metrics, AccessLog log, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context) => log.IsOn ? LogAsync(context) : CountAsync(context);

    private async Task CountAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            metrics.Requested(context.Response.StatusCode);
        }
    }

    private async Task LogAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        var notes = new RequestNotes();
        var body = new CountedBody(context.Features.Get<IHttpResponseBodyFeature>()!);
        context.Features.Set(notes);
        context.Features.Set<IHttpResponseBodyFeature>(body);

        // HEAD is routed as GET.
        var method = context.Request.Method;
        try
        {
            await CountAsync(context);
        }
        finally
        {
            log.Write(new(context.Connection.RemoteIpAddress, method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Response.StatusCode, time.GetElapsedTime(start))
            {
                User = notes.User,
                Id = notes.ConnectionId?.ToString() ?? context.TraceIdentifier,
                Bytes = body.Bytes,
            });
        }
    }
}
