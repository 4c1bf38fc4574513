using ClawEvents.Broker.Connections;
using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Transports;

/// <summary>CORS for the transports over HTTP (Fetch standard).</summary>
/// <remarks>With credentials, which official clients use. A page whose origin is not allowed gets no CORS headers, and its browser withholds the answer.</remarks>
internal static class CrossOrigin
{
    private const string PreflightSeconds = "300";

    /// <summary>Lets a page read the answer if its origin may connect.</summary>
    /// <returns>Whether it may; also true for a request that does not come from a page.</returns>
    public static bool AllowOrigin(HttpContext context, OriginPolicy origins)
    {
        var origin = context.Request.Headers.Origin.ToString();
        var headers = context.Response.Headers;
        headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        if (!origins.Allows(origin, context.Request.Headers.Host))
        {
            return false;
        }

        if (origin.Length > 0)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = "true";
            if (context.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } wanted)
            {
                headers.AccessControlAllowHeaders = wanted;
            }
        }

        return true;
    }

    /// <summary>Answers the other methods of a path: preflight requests of browsers, and 405 for the rest.</summary>
    /// <param name="method">The path's own method, which has an endpoint already.</param>
    /// <param name="refusal">The text of the 405: how to fix the request.</param>
    public static void MapOtherMethods(this IEndpointRouteBuilder endpoints, string path, OriginPolicy origins, string method, string refusal) =>
        endpoints.Map(path, context =>
        {
            if (context.Request.Method == HttpMethods.Options)
            {
                AllowOrigin(context, origins);
                AnswerPreflight(context.Response);
                return Task.CompletedTask;
            }

            context.Response.Headers.Allow = $"{method}, OPTIONS";
            return context.Response.RefuseAsync(StatusCodes.Status405MethodNotAllowed, refusal);
        });

    /// <summary>Answers the request that browsers send before a POST.</summary>
    public static void AnswerPreflight(HttpResponse response)
    {
        response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        response.Headers.AccessControlMaxAge = PreflightSeconds;
        response.StatusCode = StatusCodes.Status204NoContent;
    }
}
