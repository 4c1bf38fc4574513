using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Connections;

/// <summary>The TLS certificate of a port and the chain in its file, up to a root that clients know; and the authorities of its clients' certificates.</summary>
/// <remarks>Thread-safe. Open connections keep the certificate they began with.</remarks>
internal sealed class ServerCertificate
{
    // RFC 5280, section 4.2.1.12: a certificate for a client of TLS, if it says for what it is.
    private static readonly Oid ClientPurpose = new("1.3.6.1.5.5.7.3.2");

    private readonly ServerTls? _tls;
    private Loaded? _current;

    /// <param name="tls">Null: no TLS.</param>
    /// <exception cref="CertificateException">A file cannot be used, or the certificate is not valid now.</exception>
    public ServerCertificate(ServerTls? tls)
    {
        _tls = tls;
        Reload();
    }

    /// <summary>The options of a handshake that begins now.</summary>
    public SslServerAuthenticationOptions Handshake()
    {
        var current = Volatile.Read(ref _current);
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = current?.Own };
        if (current?.ClientAuthorities is { } authorities)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            options.CertificateChainPolicy.ApplicationPolicy.Add(ClientPurpose);
        }

        return options;
    }

    /// <summary>Reads the files again, which may have been renewed; without TLS it does nothing. After a fault all stays as it was.</summary>
    /// <inheritdoc cref="ServerCertificate(ServerTls?)"/>
    public void Reload()
    {
        if (_tls is not null)
        {
            var (own, all) = CertificateFiles.Read(_tls.Certificate, _tls.Key, DateTimeOffset.UtcNow, _tls.Prefix);
            var authorities = _tls.ClientAuthorities is { } file ? CertificateFiles.ReadCertificates($"{_tls.Prefix}TlsClientAuthorityFile", file) : null;
            Volatile.Write(ref _current, new(SslStreamCertificateContext.Create(own, all, offline: true), authorities));
        }
    }

    private sealed record Loaded(SslStreamCertificateContext Own, X509Certificate2Collection? ClientAuthorities);
}
