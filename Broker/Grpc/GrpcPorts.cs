using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ClawEvents.Broker.Grpc;

/// <summary>The ports that speak gRPC: HTTP/2 alone, because without TLS nothing could tell which version a caller wants.</summary>
internal sealed class GrpcPorts
{
    private readonly Dictionary<GrpcListener, ServerCertificate> _certificates;

    /// <exception cref="CertificateException">TLS files are invalid, or a certificate is not valid now.</exception>
    public GrpcPorts(GrpcOptions options)
    {
        Options = options;
        _certificates = options.Doors.ToDictionary(listener => listener, listener => new ServerCertificate(listener.Tls));
    }

    public GrpcOptions Options { get; }

    /// <summary>Reads the certificates again.</summary>
    /// <exception cref="CertificateException">One cannot be used: it stays as it was.</exception>
    public void ReloadCertificates()
    {
        foreach (var certificate in _certificates.Values)
        {
            certificate.Reload();
        }
    }

    /// <summary>Has connections over this port speak HTTP/2, and marks them.</summary>
    /// <param name="door">One of those of <see cref="Options"/>.</param>
    public void Configure(ListenOptions listen, GrpcListener door)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (door.Tls is not null)
        {
            var certificate = _certificates[door];
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificate.Handshake()) });
        }

        listen.Use(next => context =>
        {
            context.Features.Set(door);
            return next(context);
        });
    }

    /// <summary>The port that a request came over.</summary>
    /// <returns>Null for one that does not speak gRPC.</returns>
    public static GrpcListener? DoorOf(HttpContext context) => context.Features.Get<GrpcListener>();
}
