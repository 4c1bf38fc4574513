using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClawEvents.Broker.Http;

/// <summary>TLS to a server. Certificates and keys are <see cref="PemText"/>.</summary>
/// <param name="Authorities">Only certificates that one of these signed are trusted; null: those that the system trusts.</param>
/// <param name="Certificate">The broker's own, with its chain; null: none is shown.</param>
/// <param name="Key">Null exactly when there is no certificate.</param>
/// <param name="ServerName">The name that the server's certificate must have; null: that of the address.</param>
/// <param name="SkipsVerification">Any certificate is accepted.</param>
internal sealed record ClientTls(string? Authorities, string? Certificate, string? Key, string? ServerName, bool SkipsVerification = false)
{
    /// <summary>Changes the options of a handshake.</summary>
    /// <exception cref="AuthenticationException">A file cannot be read, or holds no certificate.</exception>
    public void Apply(SslClientAuthenticationOptions handshake)
    {
        handshake.TargetHost = ServerName ?? handshake.TargetHost;
        handshake.ClientCertificateContext = OwnCertificate();
        handshake.RemoteCertificateValidationCallback = Read(Judge);
    }

    /// <summary>The certificate to show, with its chain; null: none.</summary>
    /// <exception cref="AuthenticationException">A file cannot be read, or holds no certificate, or the key is of another one.</exception>
    public SslStreamCertificateContext? OwnCertificate() => Certificate is null ? null : Read(() =>
    {
        var (certificates, chain) = (PemText.Read(Certificate), new X509Certificate2Collection());
        chain.ImportFromPem(certificates);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificates, PemText.Read(Key!)), chain, offline: true);
    });

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new AuthenticationException($"a certificate of the settings cannot be used: {exception.Message}", exception);
        }
    }

    private RemoteCertificateValidationCallback Judge()
    {
        if (Authorities is null)
        {
            return (_, _, _, errors) => SkipsVerification || errors is SslPolicyErrors.None;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(PemText.Read(Authorities));
        return authorities.Count > 0
            ? (_, certificate, chain, errors) => SkipsVerification || TrustedAuthorities.AcceptNoOther(authorities, certificate, chain, errors)
            : throw new CryptographicException("there is no certificate among the authorities");
    }
}
