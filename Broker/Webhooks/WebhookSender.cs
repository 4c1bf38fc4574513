using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Webhooks;

/// <summary>How a receiver has answered one attempt.</summary>
/// <param name="Status">The HTTP status; 0: there was none.</param>
/// <param name="Fault">Why the message does not count as delivered; null: it does.</param>
/// <param name="RetryAfter">How long the receiver asks to wait; null: it does not say.</param>
internal readonly record struct WebhookAnswer(int Status, string? Fault, TimeSpan? RetryAfter = null)
{
    public bool IsDelivered => Fault is null;

    /// <summary>The receiver says that it is gone for good (RFC 9110, section 15.5.11).</summary>
    public bool IsGone => Status == (int)HttpStatusCode.Gone;
}

/// <summary>Sends messages to receivers, which may be slow, faulty or hostile.</summary>
/// <remarks>
/// Each attempt ends in time; of an answer only the head is read, and it is bounded; redirects are not followed, proxies of the environment are not used, and
/// connections only go to addresses that are allowed. Thread-safe.
/// </remarks>
internal sealed class WebhookSender(WebhookOptions options, FilteredDial dial, TimeProvider time) : IDisposable
{
    private const int MaxHeadKilobytes = 16;

    // A rest that is longer ends its connection instead of being read.
    private const int MaxBodyBytes = 16 * 1024;

    private static readonly TimeSpan MaxBodyTime = TimeSpan.FromSeconds(1);

    // A name may have got another address.
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(5);

    // Made for the first delivery: most brokers have no webhooks.
    private readonly Lazy<HttpMessageInvoker> _client = new(() => new(new SocketsHttpHandler
    {
        ConnectCallback = dial.ConnectAsync,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = MaxHeadKilobytes,
        MaxResponseDrainSize = MaxBodyBytes,
        ResponseDrainTimeout = MaxBodyTime,
        PooledConnectionLifetime = ConnectionLife,
    }));

    /// <exception cref="OperationCanceledException">Cancelled by the caller. The message may have arrived.</exception>
    public async Task<WebhookAnswer> SendAsync(Webhook webhook, WebhookMessage message, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = Make(webhook, message);
            using var response = await _client.Value.SendAsync(request, either.Token);
            return AnswerOf(response);
        }
        catch (HttpRequestException exception)
        {
            return new(0, FaultOf(exception));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(0, string.Create(CultureInfo.InvariantCulture, $"no answer within {options.Timeout.TotalSeconds:0} seconds"));
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private HttpRequestMessage Make(Webhook webhook, WebhookMessage message)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var content = new ReadOnlyMemoryContent(message.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = content };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("ClawEvents", BrokerVersion.Number));
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(webhook.Secret, message.Id, now, message.Body.Span));
        return request;
    }

    private WebhookAnswer AnswerOf(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var fault = response.IsSuccessStatusCode ? null
            : status is >= 300 and < 400 ? $"HTTP {status}: redirects are not followed"
            : $"HTTP {status}";
        var asked = response.Headers.RetryAfter;
        return new(status, fault, asked?.Delta ?? (asked?.Date is { } date ? date - time.GetUtcNow() : null));
    }

    // A few words for the owner, who is not told about the network behind the broker: no addresses, and no difference between a refused and an unknown one.
    private static string FaultOf(HttpRequestException exception) => exception switch
    {
        { InnerException: AddressRefusedException or SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => "the host has no public address",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "the certificate or TLS of the host is invalid",
        { HttpRequestError: HttpRequestError.NameResolutionError } => "the host has no public address",
        { HttpRequestError: HttpRequestError.ConnectionError } => "no connection",
        _ => "the answer is invalid or incomplete",
    };
}
