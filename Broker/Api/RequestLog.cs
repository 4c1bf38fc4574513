using ClawEvents.Broker.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Api;

/// <summary>Counts and logs HTTP requests. A stream counts when it ends.</summary>
internal sealed class RequestLog(RequestDelegate next, BrokerMetrics metrics, AccessLog log, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            metrics.Requested(context.Response.StatusCode);
            var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            log.Write(context.Connection.RemoteIpAddress, context.Request.Method, target, context.Response.StatusCode, time.GetElapsedTime(start));
        }
    }
}
