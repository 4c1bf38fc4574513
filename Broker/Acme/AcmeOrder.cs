using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Acme;

/// <summary>Gets one certificate (RFC 8555, section 7.4).</summary>
/// <param name="account">Signed in.</param>
/// <param name="challenges">Answers the server's questions meanwhile.</param>
/// <param name="overHttp">The challenge is the one over HTTP (section 8.3), otherwise that of TLS (RFC 8737).</param>
internal sealed class AcmeOrder(AcmeAccount account, AcmeChallenges challenges, bool overHttp, TimeProvider time)
{
    private const int MostPolls = 100;

    private static readonly TimeSpan PollPause = TimeSpan.FromSeconds(1);

    /// <returns>PEM: the key, the certificate, and its chain.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public async Task<string> RunAsync(string host, CancellationToken cancellation)
    {
        var order = await account.OrderAsync(host, cancellation);
        var place = order.Location ?? throw new AcmeException("the server did not say where the order is");
        foreach (var authorization in order.List("authorizations"))
        {
            await ProveAsync(host, new Uri(authorization.GetString()!), cancellation);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await account.PostAsync(AcmeAnswer.UriOf(order.Body, "finalize"), AcmeJson.Of(json => json.WriteString("csr", Base64Url.EncodeToString(RequestFor(host, key).CreateSigningRequest()))), cancellation);
        var done = await PollAsync(place, "valid", cancellation);
        var certificate = await account.GetAsync(AcmeAnswer.UriOf(done.Body, "certificate"), cancellation);
        return $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.Text}";
    }

    private async Task ProveAsync(string host, Uri authorization, CancellationToken cancellation)
    {
        var asked = await account.GetAsync(authorization, cancellation);
        if (asked.Status == "valid")
        {
            return;
        }

        var kind = overHttp ? "http-01" : "tls-alpn-01";
        var challenge = asked.List("challenges").FirstOrDefault(one => AcmeAnswer.TextOf(one, "type") == kind);
        if (challenge.ValueKind is not JsonValueKind.Object)
        {
            throw new AcmeException($"the server offers no {kind} for {host}");
        }

        var token = AcmeAnswer.TextOf(challenge, "token");
        using (overHttp ? challenges.AnswerHttp(token, account.Authorize(token)) : challenges.AnswerTls(host, account.Authorize(token)))
        {
            await account.PostAsync(AcmeAnswer.UriOf(challenge, "url"), "{}", cancellation);
            await PollAsync(authorization, "valid", cancellation);
        }
    }

    private async Task<AcmeAnswer> PollAsync(Uri place, string wanted, CancellationToken cancellation)
    {
        for (var polls = 0; polls < MostPolls; polls++)
        {
            var answer = await account.GetAsync(place, cancellation);
            if (answer.Status == wanted)
            {
                return answer;
            }

            if (answer.Status == "invalid")
            {
                throw new AcmeException($"the server could not check the host: {LogText.Of(answer.Text)}");
            }

            await Task.Delay(answer.RetryAfter ?? PollPause, time, cancellation);
        }

        throw new AcmeException("the server does not come to an end");
    }

    /// <summary>A request for a certificate with the name of a host.</summary>
    public static CertificateRequest RequestFor(string host, ECDsa key)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={host}"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
