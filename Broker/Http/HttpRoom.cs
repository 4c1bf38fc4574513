using ClawEvents.Broker.Http.Description;

namespace ClawEvents.Broker.Http;

/// <summary>Wires fetching, and the description of the HTTP API.</summary>
internal static class HttpRoom
{
    /// <param name="services">The broker's.</param>
    public static void Add(IServiceCollection services, string version) => services
        .AddSingleton<JsonFetcher>()
        .AddApiDocument(version);

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapApiDocument();
}
