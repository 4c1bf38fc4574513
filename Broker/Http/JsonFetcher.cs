using System.Net.Http.Headers;

namespace ClawEvents.Broker.Http;

/// <summary>The result of a request to somebody else's server.</summary>
/// <param name="Body">The body of a 2xx answer; null when there was no such answer.</param>
/// <param name="Status">The HTTP status of the last answer; 0 when no whole answer arrived.</param>
/// <param name="Fault">Why there is no body: the status, or a word for the failure.</param>
internal readonly record struct FetchResult(byte[]? Body, int Status, string Fault);

/// <summary>Fetches JSON from servers that prove identities: profiles, keys.</summary>
/// <remarks>
/// The other server may be slow, faulty or hostile: each attempt ends after <see cref="AttemptTimeout"/>, an answer has at most
/// <see cref="MaxAnswerBytes"/>, a redirect is followed only on the same server (our key goes along), and a 5xx or a lost connection is
/// tried again twice. Thread-safe.
/// </remarks>
internal sealed class JsonFetcher(TimeProvider time) : IDisposable
{
    public const int MaxAnswerBytes = 1024 * 1024;

    private const int Attempts = 3;
    private const int MaxRedirects = 3;

    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    // Made at the first login: most brokers start without anybody signing in.
    private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        // Each attempt has a limit of its own, by our clock.
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    });

    /// <param name="address">Its parts are checked or escaped.</param>
    /// <param name="key">Sent as a bearer token; null: none.</param>
    public async Task<FetchResult> FetchAsync(Uri address, string? key, CancellationToken cancellation)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            var (result, isWorthAnotherTry) = await TryFetchAsync(address, key, cancellation);
            if (!isWorthAnotherTry || attempt == Attempts)
            {
                return result;
            }

            await Task.Delay(pause, time, cancellation);
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private async Task<(FetchResult Result, bool IsWorthAnotherTry)> TryFetchAsync(Uri address, string? key, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var response = await FollowAsync(address, key, either.Token);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode
                ? (new(await response.Content.ReadAsByteArrayAsync(either.Token), status, ""), false)
                : (new(null, status, $"{status}"), status >= 500);
        }
        catch (HttpRequestException exception)
        {
            var isTooLarge = exception.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded;
            return (new(null, 0, isTooLarge ? "answer too large" : "no connection"), !isTooLarge);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (new(null, 0, "timeout"), true);
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(Uri address, string? key, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            var response = await _client.Value.SendAsync(request, cancellation);
            if (redirects == MaxRedirects || NextOf(response, address) is not { } next)
            {
                return response;
            }

            response.Dispose();
            address = next;
        }
    }

    // Null when there is no redirect, or none that our key may follow.
    private static Uri? NextOf(HttpResponseMessage response, Uri address) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308
        && response.Headers.Location is { } location
        && new Uri(address, location) is var next
        && next.GetLeftPart(UriPartial.Authority) == address.GetLeftPart(UriPartial.Authority)
            ? next
            : null;
}
