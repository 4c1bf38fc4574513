using System.Net;

namespace ClawEvents.Broker.Configuration;

/// <summary>Where the broker listens, and what it is served with. docs/reference/settings.md</summary>
internal sealed record ListenerOptions
{
    /// <summary><c>PORT</c>. 0 selects a free port.</summary>
    public int Port { get; init; } = 8080;

    /// <summary><c>CLAW_HOST</c>: <c>localhost</c>, an IP address, or <c>*</c> for every interface.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary><c>AllowedHosts</c>, globs over the name in the <c>Host</c> header; empty: any name, in development mode only localhost and addresses.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary><c>TlsCertificateFile</c> and <c>TlsKeyFile</c>, PEM; null for plain HTTP and WebSocket.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <inheritdoc cref="TlsCertificateFile"/>
    public string? TlsKeyFile { get; init; }

    public bool UsesTls => TlsCertificateFile is not null;

    /// <summary>The address to listen on; null for localhost, in both versions of IP.</summary>
    public IPAddress? Address => AddressOf(Host);

    /// <summary><c>MaxRequestBytes</c>: size limit of the body of one HTTP request.</summary>
    public int MaxRequestBytes { get; init; } = 1024 * 1024;

    /// <summary><c>InternalPort</c>: metrics, statistics and the server API are only on this port. 0 selects a free port; null for no such port.</summary>
    public int? InternalPort { get; init; }

    /// <summary><c>InternalHost</c>, in the form of <see cref="Host"/>; null for the same.</summary>
    public string? InternalHost { get; init; }

    /// <summary><c>TlsExternalOnly</c>: the internal port uses plain HTTP even if there is a certificate.</summary>
    public bool IsTlsExternalOnly { get; init; }

    /// <summary><c>TrustedProxies</c>: networks of proxies whose <c>X-Forwarded-For</c> is believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary><c>MaxSockets</c> that are open at the same time; 0: as many as the process may have descriptors, less a reserve.</summary>
    public int MaxSockets { get; init; }

    /// <summary><c>MaxHttpConnections</c>: those of the sockets that are not WebSockets; 0: half of them.</summary>
    public int MaxHttpConnections { get; init; }

    /// <summary><c>AccessLog</c>: a line for each HTTP request.</summary>
    public bool AccessLog { get; init; }

    /// <summary><c>ShutdownSeconds</c>: time limit for clients to disconnect when the broker stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The address that a host stands for, as <see cref="Address"/>.</summary>
    public static IPAddress? AddressOf(string host) => host switch
    {
        "localhost" => null,
        "*" => IPAddress.IPv6Any,
        _ => IPAddress.Parse(host),
    };
}
