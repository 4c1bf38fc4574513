using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ClawEvents.Cli.Config;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>Sends requests to the claw.events API; every error is returned as a <see cref="Failure"/>.</summary>
internal sealed class ApiClient(Settings settings, CertificateTrust trust, RateLimitMemory rateLimit, IOutput output) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = ApiHttp.Open(trust, RequestTimeout);

    /// <summary>Sends one request and waits for its answer, at most 30 seconds.</summary>
    public async Task<ApiAnswer> SendAsync(ApiRequest request)
    {
        if (CheckBeforeSending(request, out var server) is { } failure)
        {
            return new ApiAnswer(failure);
        }

        using var waiting = output.BeginWait($"Waiting for {settings.ServerUrl} ...");
        try
        {
            using var message = CreateMessage(request, server);
            using var response = await _http.SendAsync(message);
            return ReadAnswer(request, response, await response.Content.ReadAsByteArrayAsync());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new ApiAnswer(ApiFailures.Unreachable(settings.ServerUrl, ConnectFault.Of(exception, server.Host, trust)));
        }
        catch (TaskCanceledException)
        {
            return new ApiAnswer(ApiFailures.Unreachable(settings.ServerUrl, new ConnectFault("no answer in time")));
        }
    }

    public void Dispose() => _http.Dispose();

    private Failure? CheckBeforeSending(ApiRequest request, out Uri server)
    {
        if (Settings.CheckUrl(settings.ServerUrl, Uri.UriSchemeHttp, Uri.UriSchemeHttps, out server) is { } badUrl)
        {
            return badUrl;
        }
        if (request.NeedsToken && settings.CheckToken() is { } badToken)
        {
            return badToken;
        }
        if (trust.Failure is { } badAuthorities)
        {
            return badAuthorities;
        }
        return request.RateLimited ? rateLimit.ActiveFailure() : null;
    }

    private HttpRequestMessage CreateMessage(ApiRequest request, Uri server)
    {
        var message = new HttpRequestMessage(request.Method, new Uri(server.AbsoluteUri.TrimEnd('/') + request.Path));
        if (request.Key is not null)
        {
            message.Headers.Add("X-API-Key", request.Key);
        }
        if (request.NeedsToken)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token);
        }
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(JsonText.Object(request.Body));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        return message;
    }

    private ApiAnswer ReadAnswer(ApiRequest request, HttpResponseMessage response, byte[] body)
    {
        var json = JsonText.TryParse(body);
        if (request.RateLimited && response.StatusCode is HttpStatusCode.TooManyRequests)
        {
            var failure = rateLimit.RememberLimit(json?.IntegerMember("retry_timestamp"u8));
            return new ApiAnswer(failure, response.StatusCode, json);
        }
        if (request.RateLimited)
        {
            rateLimit.ClearLimit();
        }

        return (response.IsSuccessStatusCode, json) switch
        {
            (true, { ValueKind: JsonValueKind.Object }) => new ApiAnswer(null, response.StatusCode, json),
            (true, _) => new ApiAnswer(ApiFailures.NotTheApi(settings.ServerUrl, response), response.StatusCode, json),
            _ => RefusedAnswer(request, response, ApiFailures.Reason(response, body), json),
        };
    }

    private static ApiAnswer RefusedAnswer(ApiRequest request, HttpResponseMessage response, string reason, JsonElement? json) =>
        new(ApiFailures.Refused(request, response.StatusCode, reason, json), response.StatusCode, json) { Reason = reason };
}
