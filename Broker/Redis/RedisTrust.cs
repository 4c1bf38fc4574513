using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Redis;

/// <summary>TLS to Redis servers: which certificates are accepted (those that the system trusts, and those signed by some authorities more), and which one is shown.</summary>
/// <remarks>Thread-safe. Files are read once, at the first connection.</remarks>
internal sealed class RedisTrust(ClientTls tls)
{
    private readonly Lazy<X509Certificate2Collection> _authorities = new(() => Read(tls.Authorities));
    private readonly Lazy<SslStreamCertificateContext?> _own = new(() => ReadOwn(tls));

    /// <summary>The options of a handshake with a server.</summary>
    /// <param name="host">By which it is reached.</param>
    /// <exception cref="StoreRefusedException">A file cannot be used.</exception>
    public SslClientAuthenticationOptions Handshake(string host)
    {
        var (authorities, own) = (_authorities.Value, _own.Value);
        return new()
        {
            TargetHost = tls.ServerName ?? host,
            ClientCertificateContext = own,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => tls.SkipsVerification || TrustedAuthorities.Accept(authorities, certificate, chain, errors),
        };
    }

    private static X509Certificate2Collection Read(string? file)
    {
        var authorities = new X509Certificate2Collection();
        if (file is null)
        {
            return authorities;
        }

        try
        {
            authorities.ImportFromPem(PemText.Read(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StoreRefusedException($"the authorities in {NameOf(file)} cannot be read: {exception.Message}", exception);
        }

        return authorities.Count > 0 ? authorities : throw new StoreRefusedException($"{NameOf(file)} contains no certificate");
    }

    private static SslStreamCertificateContext? ReadOwn(ClientTls tls)
    {
        try
        {
            return tls.OwnCertificate();
        }
        catch (AuthenticationException exception)
        {
            throw new StoreRefusedException($"the certificate for Redis cannot be used: {exception.Message}", exception);
        }
    }

    private static string NameOf(string file) => PemText.IsText(file) ? "the settings" : file;
}
