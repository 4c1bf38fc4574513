using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Connections;

/// <summary>The certificates of the public port and of the internal one.</summary>
internal sealed class PortCertificates
{
    /// <exception cref="CertificateException">A file cannot be used, or a certificate is not valid now.</exception>
    public PortCertificates(ListenerOptions options)
    {
        Public = new(options.Tls);
        Internal = options.OwnInternalTls is { } own ? new(own) : Public;
    }

    public ServerCertificate Public { get; }

    public ServerCertificate Internal { get; }

    /// <inheritdoc cref="ServerCertificate.Reload"/>
    public void Reload()
    {
        Public.Reload();
        if (Internal != Public)
        {
            Internal.Reload();
        }
    }
}
