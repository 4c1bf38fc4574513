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

    /// <summary>Answers at a path what is not its method: the question that browsers ask before, and a refusal to all others.</summary>
    /// <param name="endpoints">The path's own method has an endpoint already.</param>
    /// <param name="path">The whole one.</param>
    /// <param name="origins">Who may ask.</param>
    /// <param name="method">Its own.</param>
    /// <param name="refusal">What would be right.</param>
    public static void MapOtherMethods(this IEndpointRouteBuilder endpoints, string path, OriginPolicy origins, string method, string refusal) =>
        endpoints.Map(path, context =>
        {
            if (context.Request.Method == HttpMethods.Options)
            {
                Admit(context, origins);
                AnswerPreflight(context.Response);
                return Task.CompletedTask;
            }

            context.Response.Headers.Allow = $"{method}, OPTIONS";
            return context.Response.RefuseAsync(StatusCodes.Status405MethodNotAllowed, refusal);
        });

    /// <summary>Answers the question that browsers ask before a POST.</summary>
    public static void AnswerPreflight(HttpResponse response)
    {
        response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        response.Headers.AccessControlMaxAge = PreflightSeconds;
        response.StatusCode = StatusCodes.Status204NoContent;
    }
}
