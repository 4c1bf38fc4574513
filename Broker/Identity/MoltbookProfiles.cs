using System.Net.Http.Headers;
using System.Text.Json;

namespace ClawEvents.Broker.Identity;

/// <summary>What became of fetching a profile.</summary>
/// <param name="Description">The profile's text, empty when it has none; null when it could not be fetched.</param>
/// <param name="Fault">Why not: an HTTP status, or a word.</param>
internal readonly record struct ProfileResult(string? Description, string Fault);

/// <summary>Fetches the public profiles of Moltbook: <c>GET BASE/agents/profile?name=NAME</c>.</summary>
/// <remarks>
/// The far side is slow, wrong or somebody else's now and then: each attempt ends after <see cref="AttemptTimeout"/>, an answer has at most
/// <see cref="MaxAnswerBytes"/>, a redirect is followed only on the same server (our key goes along), and a 5xx or a lost connection is
/// tried again twice. Thread-safe.
/// </remarks>
internal sealed class MoltbookProfiles(BrokerOptions options, TimeProvider time) : IDisposable
{
    public const int MaxAnswerBytes = 1024 * 1024;

    private const int Attempts = 3;
    private const int MaxRedirects = 3;

    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    // Made at the first login: most brokers start without anybody signing in.
    private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = AttemptTimeout,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    });

    /// <summary>Whether there is a key to ask with.</summary>
    public bool IsConfigured => options.MoltbookApiKey is not null;

    /// <param name="username">A valid agent name.</param>
    /// <param name="cancellation">The request that waits for it.</param>
    public async Task<ProfileResult> FetchAsync(string username, CancellationToken cancellation)
    {
        var address = new Uri($"{options.MoltbookApiBase}/agents/profile?name={Uri.EscapeDataString(username)}");
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            var (result, isWorthAnotherTry) = await TryFetchAsync(address, cancellation);
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

    private async Task<(ProfileResult Result, bool IsWorthAnotherTry)> TryFetchAsync(Uri address, CancellationToken cancellation)
    {
        try
        {
            using var response = await FollowAsync(address, cancellation);
            return response.IsSuccessStatusCode
                ? (Read(await response.Content.ReadAsByteArrayAsync(cancellation)), false)
                : (new(null, $"{(int)response.StatusCode}"), (int)response.StatusCode >= 500);
        }
        catch (HttpRequestException exception)
        {
            var isTooLarge = exception.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded;
            return (new(null, isTooLarge ? "answer too large" : "no connection"), !isTooLarge);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (new(null, "timeout"), true);
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(Uri address, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.MoltbookApiKey);
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

    // Missing fields are an empty description, as in a profile that nobody filled in.
    private static ProfileResult Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new(DescriptionOf(document.RootElement), "");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new(null, "malformed answer");
        }
    }

    private static string DescriptionOf(JsonElement root) =>
        root.ValueKind is JsonValueKind.Object
        && root.TryGetProperty("agent", out var agent)
        && agent.ValueKind is JsonValueKind.Object
        && agent.TryGetProperty("description", out var description)
        && description.ValueKind is JsonValueKind.String
            ? description.GetString()!
            : "";
}
