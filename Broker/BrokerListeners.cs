using System.Net;
using System.Net.Sockets;
using ClawEvents.Broker.Acme;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Grpc;
using ClawEvents.Broker.Transport;
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

        kestrel.Limits.MaxRequestBufferSize = MaxPipeBytes(options);
        var judged = kestrel.ApplicationServices.GetRequiredService<JudgedEndPoints>();
        foreach (var endPoint in EndPointsOf(options.Listeners.Host, options.Listeners.Port))
        {
            if (!options.Listeners.UsesTls && options.Transports.WebSocket)
            {
                judged.Add(endPoint);
            }

            kestrel.Listen(endPoint, listen => Configure(listen, options));
        }

        // Before the internal port, whose address is the last one (StartLog).
        var doors = kestrel.ApplicationServices.GetRequiredService<GrpcPorts>();
        foreach (var door in options.Grpc.Doors)
        {
            foreach (var endPoint in EndPointsOf(door.Host, door.Port))
            {
                kestrel.Listen(endPoint, listen => doors.Configure(listen, door));
            }
        }

        if (options.Listeners.Acme is { HttpPort: { } challengePort } acme)
        {
            foreach (var endPoint in EndPointsOf(acme.HttpHost, challengePort))
            {
                kestrel.Listen(endPoint, AcmeRoom.UseHttp);
            }
        }

        if (options.Listeners.InternalPort is { } internalPort)
        {
            foreach (var endPoint in EndPointsOf(options.Listeners.HostOfInternalPort, internalPort))
            {
                kestrel.Listen(endPoint, listen => ConfigureInternal(listen, options));
            }
        }
    }

    /// <summary>The bytes that a connection's pipe holds: a frame stays in it until it is whole, so it has to hold the longest one allowed, and its header.</summary>
    public static int MaxPipeBytes(BrokerOptions options) =>
        Math.Max(options.Listeners.MaxRequestBytes, Math.Max(options.Connections.MaxMessageBytes, options.Transports.UniWebSocketMaxBytes ?? 0) + FrameReader.MaxHeaderLength);

    /// <summary>The addresses of a host: for localhost both versions of IP, if the machine has both; but two addresses cannot agree on a free port.</summary>
    public static IEnumerable<EndPoint> EndPointsOf(string host, int port)
    {
        if (ListenerOptions.SocketPathOf(host) is { } path)
        {
            return [new UnixDomainSocketEndPoint(path)];
        }

        return ListenerOptions.AddressOf(host) is { } address ? [new IPEndPoint(address, port)]
            : port == 0 || !HasIPv6Loopback() ? [new IPEndPoint(IPAddress.Loopback, port)]
            : [new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.IPv6Loopback, port)];
    }

    private static bool HasIPv6Loopback()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            // Containers often have none.
            return false;
        }
    }

    private static void Configure(ListenOptions listen, BrokerOptions options)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (options.Listeners.UsesTls)
        {
            // Only TLS can tell which version a client wants.
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            UseTls(listen, options.Listeners.Acme is not null, certificates => certificates.Public);
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
        if (options.Listeners.UsesTlsOnInternalPort)
        {
            UseTls(listen, options.Listeners.UsesAcmeOnInternalPort, certificates => certificates.Internal);
        }

        InternalPort.MarkConnections(listen);
    }

    private static void UseTls(ListenOptions listen, bool isAcme, Func<PortCertificates, ServerCertificate> choose)
    {
        if (isAcme)
        {
            AcmeRoom.UseTls(listen);
            return;
        }

        var certificate = choose(listen.ApplicationServices.GetRequiredService<PortCertificates>());
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificate.Handshake()) });
    }
}
