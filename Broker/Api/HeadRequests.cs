using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Api;

/// <summary>HEAD on every path that answers GET, as claw.events has it.</summary>
internal static class HeadRequests
{
    /// <summary>Lets the endpoint of GET answer. The server has read the method by then, and leaves the body out.</summary>
    public static void UseHeadAsGet(this IApplicationBuilder application) => application.Use(static next => context =>
    {
        // An upgrade has to be a GET by itself (RFC 6455, section 4.1).
        if (HttpMethods.IsHead(context.Request.Method) && !context.Request.Headers.ContainsKey(HeaderNames.Upgrade))
        {
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    });
}
