namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Requests as a browser sends them for a page of another host.</summary>
internal static class CrossOrigin
{
    public static HttpRequestMessage Request(HttpMethod method, string path, string origin) =>
        new(method, path) { Headers = { { "Origin", origin } } };

    /// <returns>Null when the response says nothing.</returns>
    public static string? AllowedOrigin(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
}
