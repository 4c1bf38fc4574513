using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Api;

/// <summary>Answers HEAD on every path that answers GET, as claw.events does.</summary>
internal static class HeadRequests
{
    /// <summary>Routes to the endpoint of GET. The server has read the method already, and leaves the body out.</summary>
    public static void UseHeadAsGet(this IApplicationBuilder application) => application.Use(static next => context =>
    {
        // An upgrade has to be a GET by itself (RFC 6455, section 4.1), and a stream that nobody reads is not opened.
        if (HttpMethods.IsHead(context.Request.Method) && !context.Request.Headers.ContainsKey(HeaderNames.Upgrade) && !context.Request.Path.StartsWithSegments("/connection"))
        {
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    });
}
