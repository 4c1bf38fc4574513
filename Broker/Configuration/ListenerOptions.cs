using System.Net;
using ClawEvents.Broker.Acme;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker.Configuration;

/// <summary>Where the broker listens, and what it is served with. docs/reference/settings.md</summary>
internal sealed record ListenerOptions
{
    private const string SocketPrefix = "unix:";

    /// <summary><c>PORT</c>. 0 selects a free port.</summary>
    public int Port { get; init; } = 8080;

    /// <summary><c>CLAW_HOST</c>: <c>localhost</c>, an IP address, <c>*</c> for every interface, or <c>unix:</c> and the path of a Unix socket.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary><c>AllowedHosts</c>, globs over the name in the <c>Host</c> header; empty: any name, in development mode only localhost and addresses.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary><c>TlsCertificateFile</c> and <c>TlsKeyFile</c>, PEM files or their text; null for plain HTTP and WebSocket.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <inheritdoc cref="TlsCertificateFile"/>
    public string? TlsKeyFile { get; init; }

    /// <summary><c>TlsClientAuthorityFile</c>: clients need a certificate that one of these signed; null: they need none.</summary>
    public string? TlsClientAuthorityFile { get; init; }

    public bool UsesTls => TlsCertificateFile is not null || Acme is not null;

    /// <summary>The settings <c>Acme…</c>: the public port has certificates that the broker gets itself; null: it does not.</summary>
    public AcmeOptions? Acme { get; init; }

    /// <summary>Whether the internal port has them, too.</summary>
    public bool UsesAcmeOnInternalPort => Acme is not null && OwnInternalTls is null && !IsTlsExternalOnly;

    public bool UsesTlsOnInternalPort => InternalTls is not null || UsesAcmeOnInternalPort;

    /// <summary>TLS of the public port; null: none.</summary>
    public ServerTls? Tls => TlsCertificateFile is { } certificate ? new("", certificate, TlsKeyFile!, TlsClientAuthorityFile) : null;

    /// <summary>The settings <c>InternalTls…</c>; null: see <see cref="InternalTls"/>.</summary>
    public ServerTls? OwnInternalTls { get; init; }

    /// <summary>TLS of the internal port: its own, or that of the public one unless <see cref="IsTlsExternalOnly"/>.</summary>
    public ServerTls? InternalTls => OwnInternalTls ?? (IsTlsExternalOnly ? null : Tls);

    /// <summary><c>MaxRequestBytes</c>: size limit of the body of one HTTP request.</summary>
    public int MaxRequestBytes { get; init; } = 1024 * 1024;

    /// <summary><c>InternalPort</c>: metrics, statistics and the server API are only on this port. 0 selects a free port; null for no such port.</summary>
    public int? InternalPort { get; init; }

    /// <summary><c>InternalHost</c>, in the form of <see cref="Host"/>; null: see <see cref="HostOfInternalPort"/>.</summary>
    public string? InternalHost { get; init; }

    /// <summary>Without a setting the same as the other port's; a Unix socket has no second port, so localhost then.</summary>
    public string HostOfInternalPort => InternalHost ?? (SocketPathOf(Host) is null ? Host : "localhost");

    /// <summary><c>TlsExternalOnly</c>: the internal port does not use the TLS of the public one.</summary>
    public bool IsTlsExternalOnly { get; init; }

    /// <summary><c>TrustedProxies</c>: networks of proxies whose <c>X-Forwarded-For</c> is believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary><c>unix</c> among <c>TrustedProxies</c>: what connects over a Unix socket is a proxy.</summary>
    public bool TrustsUnixSocket { get; init; }

    /// <summary><c>MaxSockets</c> that are open at the same time; 0: as many as the process may have descriptors, less a reserve.</summary>
    public int MaxSockets { get; init; }

    /// <summary><c>MaxHttpConnections</c>: those of the sockets that are not WebSockets; 0: half of them.</summary>
    public int MaxHttpConnections { get; init; }

    /// <summary><c>Transport</c>: which sockets serve the broker.</summary>
    public TransportKind Transport { get; init; }

    /// <summary><c>Reactors</c>: threads that serve the sockets; 0: one for each core.</summary>
    public int Reactors { get; init; }

    /// <summary><c>AccessLog</c>: a line for each HTTP request.</summary>
    public bool AccessLog { get; init; }

    /// <summary><c>Logging:Console:FormatterName</c>: <c>simple</c>, <c>json</c> or <c>systemd</c>.</summary>
    public string LogFormat { get; init; } = LoggingSettingsReader.TextFormat;

    /// <summary><c>NodeName</c>, for people; null: the name of the machine.</summary>
    public string? NodeName { get; init; }

    /// <summary><c>LogFile</c>, to which the log is appended; null: the standard output.</summary>
    public string? LogFile { get; init; }

    /// <summary><c>PidFile</c>, with the id of the process while it runs; null: none.</summary>
    public string? PidFile { get; init; }

    /// <summary><c>ShutdownSeconds</c>: time limit for clients to disconnect when the broker stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>DrainDelaySeconds</c>: how long a node that is to stop still accepts connections, while it says that it is not ready.</summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary><c>DrainSeconds</c>: over which a node that is to stop sends its clients away; null: depends on whether there are other nodes.</summary>
    public TimeSpan? DrainTime { get; init; }

    /// <summary>The path of the Unix socket that a host stands for; null for another host.</summary>
    public static string? SocketPathOf(string host) => host.StartsWith(SocketPrefix, StringComparison.Ordinal) ? host[SocketPrefix.Length..] : null;

    /// <summary>The address that a host stands for; null for localhost, in both versions of IP. Not for the path of a socket.</summary>
    public static IPAddress? AddressOf(string host) => host switch
    {
        "localhost" => null,
        "*" => IPAddress.IPv6Any,
        _ => IPAddress.Parse(host),
    };
}
