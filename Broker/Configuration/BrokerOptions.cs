using System.Net;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Files;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Configuration;

/// <summary>Every setting, with its unit and default. docs/reference/settings.md names the keys; <see cref="BrokerOptionsReader"/> reads and checks them.</summary>
internal sealed record BrokerOptions
{
    public static readonly Uri DefaultClawkeyApiBase = new("https://clawkey.org");

    /// <summary><c>PORT</c>. 0 selects a free port.</summary>
    public int Port { get; init; } = 8080;

    /// <summary><c>CLAW_HOST</c>: <c>localhost</c>, an IP address, or <c>*</c> for every interface.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary><c>CLAW_DEV_MODE</c>, or <c>NODE_ENV</c> if that is not set: gives a token to any client. Never use it on a public address.</summary>
    public bool DevMode { get; init; }

    /// <summary><c>CLAW_ENABLE_STATS</c>: shows the page of statistics, as development mode always does.</summary>
    public bool ShowsStats { get; init; }

    /// <summary><c>JWT_SECRET</c>; null to generate it once and keep it in the data folder. Required with <see cref="Redis"/>.</summary>
    public string? JwtSecret { get; init; }

    /// <summary><c>CENTRIFUGO_API_KEY</c>; null to close the server API.</summary>
    public string? ServerApiKey { get; init; }

    /// <summary><c>ServerApiInsecure</c>: the server API needs no key. For trying things out, or behind a proxy that keeps strangers away.</summary>
    public bool ServerApiInsecure { get; init; }

    /// <summary><c>ServerApiErrorMode</c> is <c>transport</c>: errors of the server API are reported by HTTP status.</summary>
    public bool ServerApiErrorsAreStatuses { get; init; }

    /// <summary><c>MOLTBOOK_API_BASE</c>: the address of profiles, without a trailing slash.</summary>
    public Uri MoltbookApiBase { get; init; } = new("https://www.moltbook.com/api/v1");

    /// <summary><c>MOLTBOOK_API_KEY</c>; null to disable sign-in with a Moltbook profile.</summary>
    public string? MoltbookApiKey { get; init; }

    /// <summary><c>CLAWKEY_API_BASE</c>: the address of public SSH keys; null for <see cref="DefaultClawkeyApiBase"/>.</summary>
    public Uri? ClawkeyApiBase { get; init; }

    /// <summary>
    /// Whether a sign-in that could be either is one with an SSH key. Otherwise it is one with a Moltbook profile, also
    /// if neither way is configured.
    /// </summary>
    public bool PrefersSshKeys => ClawkeyApiBase is not null && MoltbookApiKey is null;

    /// <summary>The program that checks SSH signatures: a path, or a name that is looked up in <c>PATH</c>.</summary>
    public string SshKeygen { get; init; } = "ssh-keygen";

    /// <summary><c>CLAW_DATA_DIR</c>.</summary>
    public string DataFolder { get; init; } = DefaultDataFolder();

    /// <summary><c>REDIS_URL</c>; if empty, the state is in the data folder and the node is alone. The first holds the state, and channels are distributed over all.</summary>
    public IReadOnlyList<RedisAddress> Redis { get; init; } = [];

    /// <summary><c>TlsCertificateFile</c> and <c>TlsKeyFile</c>, PEM; null for plain HTTP and WebSocket.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <inheritdoc cref="TlsCertificateFile"/>
    public string? TlsKeyFile { get; init; }

    /// <summary><c>AllowedOrigins</c>, globs; empty for pages of the same host only.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary><c>Namespaces</c> and <c>WithoutNamespace</c>: history, presence and permissions of channels.</summary>
    public ChannelNamespaces Namespaces { get; init; } = ChannelNamespaces.Default;

    /// <summary><c>Proxies</c> and <c>…Proxy</c>: back ends that decide about actions of clients.</summary>
    public ProxyOptions Proxies { get; init; } = ProxyOptions.None;

    /// <summary>Rules for connections of clients.</summary>
    public ClientSettings Clients { get; init; } = new();

    /// <summary><c>Token…</c>: client tokens that others have signed.</summary>
    public TokenSettings ClientTokens { get; init; } = new();

    /// <summary><c>SubscriptionToken…</c>; null to check subscription tokens like connection tokens.</summary>
    public TokenSettings? SubscriptionTokens { get; init; }

    /// <summary><c>ClientInsecure</c>: every client may do everything, except on channels of claw.events. For trying things out.</summary>
    public bool Insecure { get; init; }

    public OperationSettings Operations { get; init; } = new();

    public TransportSettings Transports { get; init; } = new();

    /// <summary><c>MaxMessageBytes</c>: size limit of one WebSocket message of a client.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary><c>MaxPayloadBytes</c>: size limit of the JSON text of one publish.</summary>
    public int MaxPayloadBytes { get; init; } = 16 * 1024;

    /// <summary><c>MaxRequestBytes</c>: size limit of the body of one HTTP request.</summary>
    public int MaxRequestBytes { get; init; } = 1024 * 1024;

    /// <summary><c>MaxChannelBytes</c>: size limit of a channel's name.</summary>
    public int MaxChannelBytes { get; init; } = ChannelNames.MaxBytes;

    /// <summary><c>MaxSubscriptionsPerConnection</c>.</summary>
    public int MaxSubscriptionsPerConnection { get; init; } = 128;

    /// <summary><c>MaxQueuedBytes</c>: size limit of the queue of one slow connection, in addition to the buffers of the transport.</summary>
    public int MaxQueuedBytes { get; init; } = 1024 * 1024;

    /// <summary><c>MaxLocks</c>: limit of locked channels per owner.</summary>
    public int MaxLocks { get; init; } = 10_000;

    /// <summary><c>MaxGrantsPerChannel</c>.</summary>
    public int MaxGrantsPerChannel { get; init; } = 10_000;

    /// <summary><c>MaxAdvertisements</c> of one owner; each can have some 40 KB.</summary>
    public int MaxAdvertisements { get; init; } = 1_000;

    /// <summary><c>PublishesPerSecond</c>, for one principal; 0 for no limit and no counting.</summary>
    public int PublishesPerSecond { get; init; } = 5;

    /// <summary><c>PingSeconds</c>; zero for no pings.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary><c>PongSeconds</c>: time limit for the answer to a ping; less than the ping interval.</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Time limit for the head of an upgrade request.</summary>
    public TimeSpan UpgradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for a successful connect command.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for the answer to a close frame.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>ExpiredCloseSeconds</c>: how long a connection is kept after its token has expired, for a late refresh.</summary>
    public TimeSpan ExpiredCloseDelay { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary><c>ExpiredSubscriptionCloseSeconds</c>: the same for a subscription.</summary>
    public TimeSpan ExpiredSubscriptionCloseDelay { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often a connection is checked: with each ping, or without pings only for the expiry of its token.</summary>
    public TimeSpan KeepAliveInterval => PingInterval > TimeSpan.Zero ? PingInterval : TimeSpan.FromSeconds(25);

    public bool UsesTls => TlsCertificateFile is not null;

    /// <summary>The address to listen on; null for localhost, in both versions of IP.</summary>
    public IPAddress? Address => AddressOf(Host);

    /// <summary>The address that a host stands for, as <see cref="Address"/>.</summary>
    public static IPAddress? AddressOf(string host) => host switch
    {
        "localhost" => null,
        "*" => IPAddress.IPv6Any,
        _ => IPAddress.Parse(host),
    };

    private static string DefaultDataFolder()
    {
        // XDG Base Directory Specification: the variable, or its default below the home folder.
        var home = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        return Path.Combine(
            string.IsNullOrEmpty(home) ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) : home,
            "clawevents");
    }
}
