using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Api;

/// <summary>What every HTTP response says to a browser: keep nothing, guess nothing, run nothing; and which pages of others may read it.</summary>
internal static class ResponseHeaders
{
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Sets the headers before an endpoint runs; a page of the broker's own replaces its policy.</summary>
    public static void UseResponseHeaders(this IApplicationBuilder application) => application.Use(static next => context =>
    {
        // Answers carry tokens, and who may listen changes from one moment to the next.
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = NothingRuns;
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    });

    /// <summary>Lets the pages that may open a WebSocket also use the API (Fetch standard, CORS protocol).</summary>
    /// <remarks>Without credentials: the API knows no cookies, and a token is something that the page has to have.</remarks>
    public static IServiceCollection AddAllowedOrigins(this IServiceCollection services, OriginPolicy origins) =>
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(origin => origins.Allows(origin, host: null))
            .WithMethods("GET", "POST", "DELETE")
            .WithHeaders("Authorization", "Content-Type", "X-API-Key")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
}
