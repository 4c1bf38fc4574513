using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
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
    private readonly Lazy<HttpClient> _client = new(() => Open(null));

    // Of those with a TLS of their own, by name.
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _secured = new(StringComparer.OrdinalIgnoreCase);

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
            using var response = await ClientOf(proxy).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
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
        catch (AuthenticationException)
        {
            return new(null, 0, "its PEM files cannot be used");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, 0, "timeout");
        }
    }

    public void Dispose()
    {
        foreach (var client in _secured.Values.Append(_client).Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private HttpClient ClientOf(ProxySettings proxy) =>
        (proxy.Tls is { } tls ? _secured.GetOrAdd(proxy.Name, _ => new(() => Open(tls))) : _client).Value;

    private static HttpClient Open(ClientTls? tls)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = ConnectionLifetime,

            // Tracing would add headers of its own.
            ActivityHeadersPropagator = null,
        };
        if (tls is not null)
        {
            // The handler would always ask for the name of the address; so the requests are plain ones, over a stream that is secured here.
            var handshake = new SslClientAuthenticationOptions();
            tls.Apply(handshake);
            handler.ConnectCallback = (context, cancellation) => SecureAsync(handshake, context.DnsEndPoint, cancellation);
        }

        return new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    private static async ValueTask<Stream> SecureAsync(SslClientAuthenticationOptions common, DnsEndPoint server, CancellationToken cancellation)
    {
        var stream = new SslStream(await SocketDial.OpenAsync(socket => socket.ConnectAsync(server.Host, server.Port, cancellation)));
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = common.TargetHost ?? server.Host,
                    ClientCertificateContext = common.ClientCertificateContext,
                    RemoteCertificateValidationCallback = common.RemoteCertificateValidationCallback,
                },
                cancellation);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static HttpRequestMessage Request(ProxySettings proxy, ReadOnlyMemory<byte> body, ClientHeaders headers)
    {
        var address = proxy.Tls is null ? proxy.Endpoint : new UriBuilder(proxy.Endpoint) { Scheme = Uri.UriSchemeHttp, Port = proxy.Endpoint.Port }.Uri;
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = Json;
        request.Headers.Host = proxy.Endpoint.Authority;
        foreach (var (name, value) in headers.For(proxy))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
