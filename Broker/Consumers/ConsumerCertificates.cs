using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Consumers;

/// <summary>Applies the TLS options of a queue to a client's handshake.</summary>
internal static class ConsumerCertificates
{
    private const string PemStart = "-----BEGIN";

    /// <exception cref="AuthenticationException">A file cannot be read, or holds no certificate.</exception>
    public static void Apply(ConsumerTls tls, SslClientAuthenticationOptions handshake)
    {
        try
        {
            handshake.TargetHost = tls.ServerName ?? handshake.TargetHost;
            if (tls is { Certificate: { } certificate, Key: { } key })
            {
                handshake.ClientCertificates = [X509Certificate2.CreateFromPem(Pem(certificate), Pem(key))];
            }

            handshake.RemoteCertificateValidationCallback = Judge(tls);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new AuthenticationException($"a certificate of the settings cannot be used: {exception.Message}", exception);
        }
    }

    private static RemoteCertificateValidationCallback Judge(ConsumerTls tls)
    {
        var authorities = new X509Certificate2Collection();
        if (tls.Authorities is { } pem)
        {
            authorities.ImportFromPem(Pem(pem));
        }

        return (_, certificate, chain, errors) => tls.SkipsVerification || TrustedAuthorities.Accept(authorities, certificate, chain, errors);
    }

    private static string Pem(string fileOrText) => fileOrText.Contains(PemStart, StringComparison.Ordinal) ? fileOrText : File.ReadAllText(fileOrText);
}
