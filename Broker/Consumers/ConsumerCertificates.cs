using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;

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

        return (_, certificate, chain, errors) => tls.SkipsVerification
            || errors is SslPolicyErrors.None
            || (errors is SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 signed && IsSignedBy(authorities, signed, chain));
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        return chain.Build(certificate);
    }

    private static string Pem(string fileOrText) => fileOrText.Contains(PemStart, StringComparison.Ordinal) ? fileOrText : File.ReadAllText(fileOrText);
}
