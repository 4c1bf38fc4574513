using System.Net.Security;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Connections;

/// <summary>The TLS certificate and the chain in its file, up to a root that clients know.</summary>
/// <remarks>Thread-safe. Open connections keep the certificate they began with.</remarks>
internal sealed class ServerCertificate
{
    private readonly string? _certificateFile;
    private readonly string? _keyFile;
    private readonly string _prefix;
    private SslStreamCertificateContext? _current;

    /// <exception cref="CertificateException">A file cannot be used, or the certificate is not valid now.</exception>
    public ServerCertificate(ListenerOptions options)
        : this(options.TlsCertificateFile, options.TlsKeyFile, "")
    {
    }

    /// <param name="certificateFile">Null: no TLS.</param>
    /// <param name="keyFile">Null exactly when the other is.</param>
    /// <param name="prefix">Before the names of the settings, when they are not those of the public port.</param>
    /// <inheritdoc cref="ServerCertificate(ListenerOptions)"/>
    public ServerCertificate(string? certificateFile, string? keyFile, string prefix)
    {
        (_certificateFile, _keyFile, _prefix) = (certificateFile, keyFile, prefix);
        Reload();
    }

    /// <summary>The options of a handshake that begins now.</summary>
    public SslServerAuthenticationOptions Handshake() => new() { ServerCertificateContext = Volatile.Read(ref _current) };

    /// <summary>Reads the files again, which may have been renewed; without TLS it does nothing. After a fault the certificate stays as it was.</summary>
    /// <inheritdoc cref="ServerCertificate(ListenerOptions)"/>
    public void Reload()
    {
        if (_certificateFile is not null)
        {
            var (own, all) = CertificateFiles.Read(_certificateFile, _keyFile!, DateTimeOffset.UtcNow, _prefix);
            Volatile.Write(ref _current, SslStreamCertificateContext.Create(own, all, offline: true));
        }
    }
}
