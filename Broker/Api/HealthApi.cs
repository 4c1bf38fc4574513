namespace ClawEvents.Broker.Api;

/// <summary><c>GET /health</c>: the process answers.</summary>
internal static class HealthApi
{
    private static readonly byte[] Ok = [.. "{\"ok\":true}"u8];

    public static void MapHealth(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/health", ["GET", "HEAD"], (RequestDelegate)(context => ApiResponse.WriteAsync(context.Response, Ok)));
}
