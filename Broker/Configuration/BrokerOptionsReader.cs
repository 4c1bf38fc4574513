using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Files;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Reads the settings and collects their faults: each one names the setting, says what is wrong and gives an example.</summary>
internal sealed class BrokerOptionsReader
{
    private static readonly BrokerOptions Defaults = new();

    private readonly IConfiguration _configuration;
    private readonly SettingSource _source;
    private readonly TokenSettingsReader _tokens;
    private readonly List<string> _faults = [];

    public BrokerOptionsReader(IConfiguration configuration)
    {
        _configuration = configuration;
        _source = new SettingSource(configuration, Fault);
        _tokens = new TokenSettingsReader(configuration, Fault);
    }

    /// <summary>One line per wrong setting; empty if all are valid.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <returns>The settings, with the default instead of a wrong value.</returns>
    public BrokerOptions Read()
    {
        var ping = Ping();
        var proxies = new ProxiesReader(_configuration, Fault);
        var proxyOptions = proxies.Read();
        var namespaces = new NamespacesReader(Fault, proxies).Read(_configuration);
        return new BrokerOptions
        {
            Port = Number("PORT", Defaults.Port, 0, 65535),
            Host = _source.Host("CLAW_HOST") ?? Defaults.Host,
            DevMode = Text("CLAW_DEV_MODE") is null ? Text("NODE_ENV") is "development" : Flag("CLAW_DEV_MODE"),
            ShowsStats = Flag("CLAW_ENABLE_STATS"),
            JwtSecret = JwtSecret(),
            ServerApiKey = Text("CENTRIFUGO_API_KEY"),
            ServerApiInsecure = Flag("ServerApiInsecure"),
            ServerApiErrorsAreStatuses = ErrorMode(),
            MoltbookApiBase = Url("MOLTBOOK_API_BASE", Defaults.MoltbookApiBase),
            MoltbookApiKey = Text("MOLTBOOK_API_KEY"),
            Redis = Redis(),
            ClawkeyApiBase = Text("CLAWKEY_API_BASE") is null ? null : Url("CLAWKEY_API_BASE", BrokerOptions.DefaultClawkeyApiBase),
            DataFolder = Text("CLAW_DATA_DIR") ?? Defaults.DataFolder,
            TlsCertificateFile = TlsFile("TlsCertificateFile", "TlsKeyFile"),
            TlsKeyFile = TlsFile("TlsKeyFile", "TlsCertificateFile"),
            AllowedOrigins = Origins(),
            Proxies = proxyOptions,
            Namespaces = namespaces,
            Clients = new ClientSettingsReader(_configuration, Fault).Read(namespaces),
            Insecure = Flag("ClientInsecure"),
            ClientTokens = _tokens.Read("Token") with { IncludesOwnSecret = true },
            SubscriptionTokens = Flag("SeparateSubscriptionTokens") ? _tokens.Read("SubscriptionToken") : null,
            Operations = new OperationSettingsReader(_configuration, Fault).Read(),
            Transports = new TransportSettingsReader(_configuration, Fault).Read(),
            MaxMessageBytes = Number("MaxMessageBytes", Defaults.MaxMessageBytes, 1024, 1024 * 1024),
            MaxPayloadBytes = Number("MaxPayloadBytes", Defaults.MaxPayloadBytes, 1, 1024 * 1024),
            MaxRequestBytes = Number("MaxRequestBytes", Defaults.MaxRequestBytes, 1024, 64 * 1024 * 1024),
            MaxChannelBytes = Number("MaxChannelBytes", Defaults.MaxChannelBytes, 16, ChannelNames.MaxBytes),
            MaxSubscriptionsPerConnection = Number("MaxSubscriptionsPerConnection", Defaults.MaxSubscriptionsPerConnection, 1, 100_000),
            MaxQueuedBytes = Number("MaxQueuedBytes", Defaults.MaxQueuedBytes, 1024, 1024 * 1024 * 1024),
            MaxLocks = Number("MaxLocks", Defaults.MaxLocks, 0, 1_000_000),
            MaxGrantsPerChannel = Number("MaxGrantsPerChannel", Defaults.MaxGrantsPerChannel, 0, 1_000_000),
            MaxAdvertisements = Number("MaxAdvertisements", Defaults.MaxAdvertisements, 0, 1_000_000),
            PublishesPerSecond = Number("PublishesPerSecond", Defaults.PublishesPerSecond, 0, 1_000_000),
            PingInterval = TimeSpan.FromSeconds(ping),
            PongTimeout = TimeSpan.FromSeconds(Pong(ping)),
            ExpiredCloseDelay = TimeSpan.FromSeconds(Number("ExpiredCloseSeconds", (int)Defaults.ExpiredCloseDelay.TotalSeconds, 0, 3600)),
            ExpiredSubscriptionCloseDelay = TimeSpan.FromSeconds(Number("ExpiredSubscriptionCloseSeconds", (int)Defaults.ExpiredSubscriptionCloseDelay.TotalSeconds, 0, 3600)),
        };
    }

    private string? Text(string name) => _source.Text(name);

    private int Number(string name, int fallback, int least, int most) => _source.Number(name, fallback, least, most);

    private Uri Url(string name, Uri fallback)
    {
        var text = Text(name);
        if (text is null)
        {
            return fallback;
        }

        // Paths of requests are appended to it, so nothing may follow its path.
        if (Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            && !text.AsSpan().ContainsAny('?', '#'))
        {
            return url;
        }

        Fault(name, $"'{text}' is not an absolute http or https address without query and fragment", fallback.ToString());
        return fallback;
    }

    private bool Flag(string name) => _source.Flag(name);

    private bool ErrorMode()
    {
        var mode = Text("ServerApiErrorMode");
        if (mode is not (null or "transport"))
        {
            Fault("ServerApiErrorMode", $"'{mode}' is not a mode; leave it out to answer errors with HTTP 200", "transport");
        }

        return mode is not null;
    }

    private string[] Origins()
    {
        var patterns = (Text("AllowedOrigins") ?? "").Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var pattern in patterns.Where(pattern => !Glob.IsPattern(pattern)))
        {
            Fault("AllowedOrigins", $"'{pattern}' is not a pattern: a bracket or brace is unbalanced", "https://*.example.com");
        }

        return [.. patterns.Where(Glob.IsPattern)];
    }

    // The message must not contain the value: it is a secret.
    private string? JwtSecret()
    {
        var secret = Text("JWT_SECRET");
        if (secret is not null && Encoding.UTF8.GetByteCount(secret) < SigningSecret.MinBytes)
        {
            Fault("JWT_SECRET", $"it is shorter than {SigningSecret.MinBytes} bytes", "$(openssl rand -hex 32)");
        }

        if (secret is null && Text("REDIS_URL") is not null)
        {
            Fault("JWT_SECRET", "it is required with REDIS_URL, because all nodes sign with the same secret", "$(openssl rand -hex 32)");
        }

        return secret;
    }

    // The message must not contain the value: it may hold a password.
    private IReadOnlyList<RedisAddress> Redis()
    {
        IReadOnlyList<RedisAddress> addresses = [];
        if (Text("REDIS_URL") is { } text && !RedisAddress.TryParseList(text, out addresses))
        {
            addresses = [];
            Fault("REDIS_URL", RedisAddress.Rule, "redis://localhost:6379");
        }

        return addresses;
    }

    private string? TlsFile(string name, string other)
    {
        var path = Text(name);
        if (path is null && Text(other) is not null)
        {
            Fault(name, $"it is missing, but {other} is set", "/etc/clawevents/tls.pem");
        }
        else if (path is not null && !File.Exists(path))
        {
            Fault(name, $"file '{path}' does not exist", "/etc/clawevents/tls.pem");
        }

        return path;
    }

    private int Ping()
    {
        var ping = Number("PingSeconds", (int)Defaults.PingInterval.TotalSeconds, 0, 3600);
        if (ping != 1)
        {
            return ping;
        }

        // The answer must come before the next ping, and both are whole seconds.
        Fault("PingSeconds", "1 leaves no time for the answer; use 0 (no pings) or 2 to 3600", "25");
        return (int)Defaults.PingInterval.TotalSeconds;
    }

    private int Pong(int ping)
    {
        var pong = Number("PongSeconds", Math.Min((int)Defaults.PongTimeout.TotalSeconds, Math.Max(1, ping - 1)), 1, 3600);
        if (ping > 0 && pong >= ping)
        {
            Fault("PongSeconds", $"{pong} is not less than PingSeconds ({ping})", $"{Math.Max(1, ping / 2)}");
        }

        return pong;
    }

    private void Fault(string name, string fault, string example) => _faults.Add($"{name}: {fault}. Example: {name}={example}");
}
