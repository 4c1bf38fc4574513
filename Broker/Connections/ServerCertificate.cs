using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Connections;

/// <summary>The TLS certificate and the chain in its file, up to a root that clients know.</summary>
/// <remarks>Thread-safe. Open connections keep the certificate they began with.</remarks>
internal sealed class ServerCertificate
{
    private readonly string? _certificateFile;
    private readonly string? _keyFile;
    private SslStreamCertificateContext? _current;

    /// <exception cref="CryptographicException">A file cannot be read or is invalid.</exception>
    public ServerCertificate(ListenerOptions options)
    {
        _certificateFile = options.TlsCertificateFile;
        _keyFile = options.TlsKeyFile;
        Reload();
    }

    /// <summary>The options of a handshake that begins now.</summary>
    public SslServerAuthenticationOptions Handshake() => new() { ServerCertificateContext = Volatile.Read(ref _current) };

    /// <summary>Reads the files again, which may have been renewed; without TLS it does nothing.</summary>
    /// <inheritdoc cref="ServerCertificate(ListenerOptions)"/>
    public void Reload()
    {
        if (_certificateFile is null)
        {
            return;
        }

        try
        {
            var own = X509Certificate2.CreateFromPemFile(_certificateFile, _keyFile);
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(_certificateFile);
            Volatile.Write(ref _current, SslStreamCertificateContext.Create(own, all, offline: true));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A key that belongs to another certificate is reported as an ArgumentException.
            throw new CryptographicException(exception.Message, exception);
        }
    }
}
