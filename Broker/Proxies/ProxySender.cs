using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Proxies;

/// <summary>Posts events to back ends over HTTP.</summary>
/// <remarks>
/// Thread-safe. Connections are reused for two minutes at most, so that changes of DNS are noticed. An answer has at most
/// <see cref="MaxAnswerBytes"/>, with the values of a shared poll <see cref="MaxPollBytes"/>. No redirect is followed, since it would carry the client's headers, and nothing is sent twice: the back end may have acted on it.
/// </remarks>
internal sealed class ProxySender(TimeProvider time) : IProxyTransport, IDisposable
{
    public const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>One answer has the values of up to a whole batch of keys.</summary>
    public const int MaxPollBytes = 16 * 1024 * 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    // Made at the first event: most brokers have no back end.
    private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = ConnectionLifetime,

        // Tracing would add headers of its own.
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    });

    /// <summary>The size limit of the answer to an event.</summary>
    public static int MaxBytesOf(ProxyEventKind kind) => kind is ProxyEventKind.SharedPollRefresh ? MaxPollBytes : MaxAnswerBytes;

    /// <inheritdoc/>
    public Task<FetchResult> AskAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        ProxyRequestWriter.Write(body, proxy, caller, happened);
        return SendAsync(proxy, body.WrittenMemory, caller.Headers, MaxBytesOf(happened.Kind), cancellation);
    }

    // Has a body only when the status is 200.
    private async Task<FetchResult> SendAsync(ProxySettings proxy, ReadOnlyMemory<byte> body, ClientHeaders headers, int mostBytes, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(proxy.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var request = Request(proxy, body, headers);
            using var response = await _client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            await response.Content.LoadIntoBufferAsync(mostBytes, either.Token);
            return response.StatusCode is HttpStatusCode.OK
                ? new(await response.Content.ReadAsByteArrayAsync(either.Token), status, "")
                : new(null, status, $"status {status}");
        }
        catch (HttpRequestException exception)
        {
            return new(null, 0, exception.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded ? "answer too large" : "no connection");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, 0, "timeout");
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static HttpRequestMessage Request(ProxySettings proxy, ReadOnlyMemory<byte> body, ClientHeaders headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, proxy.Endpoint) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = Json;
        foreach (var (name, value) in headers.For(proxy))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
