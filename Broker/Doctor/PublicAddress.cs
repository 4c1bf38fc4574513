using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Doctor;

/// <summary>Goes the way that clients go, through everything in front of the broker: its certificate, its upgrade, its buffers, its time-outs.</summary>
/// <param name="url">Scheme, host and port; a path before those of the broker is kept.</param>
/// <param name="token">Of a client; null: anonymous.</param>
/// <param name="wait">The most that a silent connection is watched.</param>
internal sealed class PublicAddress(Uri url, string? token, TimeSpan wait, BrokerOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<Finding> _findings = [];
    private SslPolicyErrors _errors;
    private DateTimeOffset? _notAfter;
    private HttpMessageInvoker? _invoker;

    /// <summary>Takes up to twice the interval of pings, and not more than the wait and some seconds.</summary>
    public async Task<(IReadOnlyList<Finding> Findings, IReadOnlyList<ToldTime> Times)> RunAsync()
    {
        // What the certificate lacks is a finding; the examination goes on without it.
        var handler = new SocketsHttpHandler { ConnectTimeout = Patience, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => NoteCertificate(certificate, errors);
        _invoker = new HttpMessageInvoker(handler);
        if (await AskHealthAsync() is not { } answer)
        {
            return (_findings, []);
        }

        AddCertificate();
        if (answer.IsThere)
        {
            var parts = await Task.WhenAll(
                new WebSocketExam(PathOf(options.Transports.Paths.WebSocket), _invoker, token, wait).RunAsync(options.Transports.WebSocket),
                new StreamExam(PathOf(options.Transports.Paths.UniEvents), _invoker, token, wait).RunAsync(options.Transports.UniEvents));
            _findings.AddRange(parts.SelectMany(part => part));
        }

        return (_findings, answer.Time is { } told ? [told] : []);
    }

    public void Dispose() => _invoker?.Dispose();

    private Uri PathOf(string path) => new($"{url.GetLeftPart(UriPartial.Path).TrimEnd('/')}{path}");

    private bool NoteCertificate(X509Certificate? certificate, SslPolicyErrors errors)
    {
        _errors = errors;
        _notAfter = certificate is X509Certificate2 known ? known.NotAfter : null;
        return true;
    }

    private async Task<(bool IsThere, ToldTime? Time)?> AskHealthAsync()
    {
        const string check = "public-address";
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(options.Api.HealthPath));
            var asked = time.GetUtcNow();
            using var response = await _invoker!.SendAsync(request, limit.Token);
            var isThere = (int)response.StatusCode < 500;
            _findings.Add(isThere
                ? Finding.Ok(check, $"{url.Authority} answers {(int)response.StatusCode}")
                : Finding.Fault(check, $"{url.Authority} answers {(int)response.StatusCode} to {options.Api.HealthPath}", "start the broker, or correct the address to which the proxy passes requests on"));
            return (isThere, FarServers.TimeOf(url, response, asked, time.GetUtcNow()));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            var reason = exception is HttpRequestException ? exception.Message : $"no answer in {Patience.TotalSeconds} s";
            _findings.Add(Finding.Fault(check, $"{url.Authority} cannot be reached: {reason}", "correct --url, the name in DNS, or the proxy in front"));
            return null;
        }
    }

    private void AddCertificate()
    {
        const string check = "public-certificate";
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return;
        }

        var now = time.GetUtcNow();
        _findings.Add(_notAfter is { } end && now > end ? Finding.Fault(check, $"that of {url.Authority} expired at {end.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}", "renew it, and have the proxy or the broker (SIGHUP) read it")
            : _errors is not SslPolicyErrors.None ? Finding.Fault(check, $"clients do not accept that of {url.Authority}: {Describe(_errors)}", "serve a certificate for this name with its whole chain, up to a root that clients know")
            : CertificateChecks.Expiry(check, $"that of {url.Authority}", _notAfter ?? now, now));
    }

    private static string Describe(SslPolicyErrors errors) =>
        errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "it is for another name"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? "its chain leads to no root that this machine knows"
        : "there is none";
}
