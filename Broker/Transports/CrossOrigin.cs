using ClawEvents.Broker.Connections;
using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Transports;

/// <summary>What pages of other origins are told at the transports over HTTP (Fetch standard, CORS protocol).</summary>
/// <remarks>With credentials, as official clients ask for it. A page whose origin is not allowed is told nothing, and its browser keeps the answer from it.</remarks>
internal static class CrossOrigin
{
    private const string PreflightSeconds = "300";

    /// <summary>Lets the page read the answer, if its origin may connect.</summary>
    /// <returns>Whether it may; a request that comes from no page may, too.</returns>
    public static bool Admit(HttpContext context, OriginPolicy origins)
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

    /// <summary>Answers the question that browsers ask before a POST.</summary>
    public static void AnswerPreflight(HttpResponse response)
    {
        response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        response.Headers.AccessControlMaxAge = PreflightSeconds;
        response.StatusCode = StatusCodes.Status204NoContent;
    }
}
