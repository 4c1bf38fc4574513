using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ClawEvents.Broker.McpTools;
using ClawEvents.Cli.Config;

namespace ClawEvents.Cli.Http;

/// <summary>A broker over the network, for the tools of agents. Thread-safe.</summary>
/// <param name="settings">Asked before each call: another process may have logged in.</param>
internal sealed class NetworkCalls(Func<Settings> settings, CertificateTrust trust) : IBrokerCalls, IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    // Streams last longer than a request: each call has its own limit.
    private readonly HttpClient _http = ApiHttp.Open(trust, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public string? Token => settings() is var current && current.CheckToken() is null ? current.Token : null;

    /// <inheritdoc/>
    public async ValueTask<BrokerAnswer> CallAsync(string method, string path, byte[]? body, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(RequestTimeout);
        using var request = Make(new HttpMethod(method), path, body);
        request.Headers.Authorization = Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            return new((int)response.StatusCode, TryParse(await response.Content.ReadAsByteArrayAsync(limit.Token)));
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(exception.Message, exception);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException("no answer in time");
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> StreamAsync(string path, byte[] body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = Make(HttpMethod.Post, path, body);
        using var response = await OpenAsync(request, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await ReadLineAsync(reader, cancellation) is { } line)
        {
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                throw new IOException($"{path} answers {(int)response.StatusCode}: {line}");
            }
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Make(HttpMethod method, string path, byte[]? body)
    {
        var current = settings();
        if (Settings.CheckUrl(current.ServerUrl, Uri.UriSchemeHttp, Uri.UriSchemeHttps, out var server) is { } failure)
        {
            throw new IOException(failure.Error);
        }
        var request = new HttpRequestMessage(method, new Uri(server.AbsoluteUri.TrimEnd('/') + path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        return request;
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static async ValueTask<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadLineAsync(cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static JsonElement? TryParse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            // A page of something that is not the broker.
            return null;
        }
    }
}
