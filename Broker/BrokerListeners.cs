using System.Net;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ClawEvents.Broker;

/// <summary>Where Kestrel listens, and what happens to a connection before HTTP sees it.</summary>
internal static class BrokerListeners
{
    private const int MaxRequestLineBytes = 32 * 1024;

    public static void Configure(KestrelServerOptions kestrel, BrokerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.Listeners.MaxRequestBytes;

        // A browser's EventSource puts its whole connect into the address, with the token.
        kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;

        // A frame stays in the transport's pipe until it is whole: the pipe has to hold the longest one allowed, and its header.
        kestrel.Limits.MaxRequestBufferSize = Math.Max(options.Listeners.MaxRequestBytes, options.Connections.MaxMessageBytes + FrameReader.MaxHeaderLength);
        Listen(kestrel, options.Listeners.Host, options.Listeners.Port, listen => Configure(listen, options));
        if (options.Listeners.InternalPort is { } internalPort)
        {
            Listen(kestrel, options.Listeners.InternalHost ?? options.Listeners.Host, internalPort, listen => ConfigureInternal(listen, options));
        }
    }

    private static void Listen(KestrelServerOptions kestrel, string host, int port, Action<ListenOptions> configure)
    {
        if (ListenerOptions.AddressOf(host) is { } address)
        {
            kestrel.Listen(address, port, configure);
        }
        else if (port == 0)
        {
            // Two addresses cannot agree on a free port.
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        }
        else
        {
            kestrel.ListenLocalhost(port, configure);
        }
    }

    private static void Configure(ListenOptions listen, BrokerOptions options)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (options.Listeners.UsesTls)
        {
            // Only TLS can tell which version a client wants.
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            UseTls(listen);
        }

        if (options.Transports.WebSocket)
        {
            var endpoint = listen.ApplicationServices.GetRequiredService<WebSocketEndpoint>();
            listen.Use(next => context => endpoint.HandleAsync(context, next));
        }
    }

    private static void ConfigureInternal(ListenOptions listen, BrokerOptions options)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (options.Listeners.UsesTls && !options.Listeners.IsTlsExternalOnly)
        {
            UseTls(listen);
        }

        InternalPort.MarkConnections(listen);
    }

    private static void UseTls(ListenOptions listen)
    {
        var certificate = listen.ApplicationServices.GetRequiredService<ServerCertificate>();
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificate.Handshake()) });
    }
}
