using System.Globalization;
using ClawEvents.Broker.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Transports;

/// <summary>Reads requests for the transports over HTTP.</summary>
internal static class TransportRequest
{
    private const string Binary = "application/octet-stream";

    public static bool IsBinary(this HttpRequest request) =>
        request.ContentType?.AsSpan().Trim().StartsWith(Binary, StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>Reads the whole body. A body over the limit throws, which becomes a 413.</summary>
    public static ValueTask<RequestBody> ReadBodyAsync(this HttpRequest request, int maxBytes)
    {
        request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = maxBytes;
        return RequestBody.ReadAsync(request);
    }

    /// <summary>Refuses with a line that says how to fix the request.</summary>
    /// <param name="retryAfter">Seconds after which the client should try again; 0: not said.</param>
    public static Task RefuseAsync(this HttpResponse response, int status, string text, int retryAfter = 0)
    {
        if (retryAfter > 0)
        {
            response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
        }

        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(text);
    }
}
