using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Api;

/// <summary>The headers of every HTTP response that tell a browser to cache, guess and run nothing; the hosts that it answers for, and the origins whose pages may read it.</summary>
internal static class ResponseHeaders
{
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Sets the headers before an endpoint runs; a page of the broker's own replaces its policy.</summary>
    public static void UseResponseHeaders(this IApplicationBuilder application)
    {
        var limits = application.ApplicationServices.GetRequiredService<ConnectionLimits>();
        application.Use(next => context => next(SetHeaders(context, limits)));
    }

    private static HttpContext SetHeaders(HttpContext context, ConnectionLimits limits)
    {
        // Answers carry tokens, and permissions may change at any moment.
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = NothingRuns;
        headers["Referrer-Policy"] = "no-referrer";
        if (limits.IsClosed && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            // A proxy keeps connections for its next requests, which belong on another node now.
            headers.Connection = "close";
        }

        return context;
    }

    /// <summary>Refuses requests that reach the broker by a name that is not its own, with a 403.</summary>
    public static void UseAllowedHosts(this WebApplication application)
    {
        var hosts = application.Services.GetRequiredService<HostPolicy>();
        application.Use(next => context => hosts.Allows(context.Request.Headers.Host)
            ? next(context)
            : new ApiError(StatusCodes.Status403Forbidden, HostPolicy.Rule).WriteAsync(context.Response));
    }

    /// <summary>Allows the pages that may open a WebSocket to use the API as well (Fetch standard, CORS protocol).</summary>
    /// <remarks>Without credentials: the API uses no cookies, and the page must have the token itself.</remarks>
    public static IServiceCollection AddAllowedOrigins(this IServiceCollection services, OriginPolicy origins) =>
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(origin => origins.Allows(origin, host: null))
            .WithMethods("GET", "POST", "DELETE")
            .WithHeaders("Authorization", "Content-Type", "X-API-Key")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
}
