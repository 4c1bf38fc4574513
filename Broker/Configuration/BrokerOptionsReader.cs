using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Redis;
using ClawEvents.Broker.State;

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
        var proxies = new ProxiesReader(_configuration, Fault);
        var proxyOptions = proxies.Read();
        var syntax = new ChannelSyntaxReader(_configuration, Fault).Read();
        var namespaces = new NamespacesReader(Fault, proxies, syntax.NamespaceBoundary).Read(_configuration);
        var listeners = new ListenerOptionsReader(_configuration, Fault).Read();
        return new BrokerOptions
        {
            Listeners = listeners,
            State = new StateOptions { DataFolder = Text("CLAW_DATA_DIR") ?? Defaults.State.DataFolder, Redis = Redis() },
            Identity = new IdentityOptions
            {
                JwtSecret = JwtSecret(),
                MoltbookApiBase = Url("MOLTBOOK_API_BASE", Defaults.Identity.MoltbookApiBase),
                MoltbookApiKey = Text("MOLTBOOK_API_KEY"),
                AllowUnboundProfileLogin = Flag("AllowUnboundProfileLogin"),
                ClawkeyApiBase = Text("CLAWKEY_API_BASE") is null ? null : Url("CLAWKEY_API_BASE", IdentityOptions.DefaultClawkeyApiBase),
                ClientTokens = _tokens.Read("Token") with { IncludesOwnSecret = true },
                SubscriptionTokens = Flag("SeparateSubscriptionTokens") ? _tokens.Read("SubscriptionToken") : null,
            },
            Proxies = proxyOptions,
            Namespaces = namespaces,
            Maps = Maps(),
            SharedPolls = new SharedPollSettingsReader(_configuration, Fault).Read(isNeeded: namespaces.Any(options => options.SubscriptionType is SubscriptionType.SharedPoll)),
            MaxChannelBytes = Number("MaxChannelBytes", Defaults.MaxChannelBytes, 16, ChannelNames.MaxBytes),
            ChannelSyntax = syntax,
            Addresses = new AddressRulesReader(_configuration, Fault).Read(),
            Connections = new ConnectionOptionsReader(_configuration, Fault).Read(),
            Clients = new ClientSettingsReader(_configuration, Fault).Read(namespaces, syntax),
            Transports = new TransportSettingsReader(_configuration, Fault).Read(),
            Publishing = new PublishingOptions
            {
                MaxPayloadBytes = Number("MaxPayloadBytes", Defaults.Publishing.MaxPayloadBytes, 1, 1024 * 1024),
                PublishesPerSecond = Number("PublishesPerSecond", Defaults.Publishing.PublishesPerSecond, 0, 1_000_000),
            },
            Api = new ApiOptionsReader(_configuration, Fault).Read(),
            Grpc = new GrpcOptionsReader(_configuration, Fault).Read(listeners),
            Webhooks = new WebhookOptionsReader(_configuration, Fault).Read(),
            Consumers = new ConsumersReader(_configuration, Fault).Read(),
            Telemetry = new TelemetryOptionsReader(_configuration, Fault).Read(listeners.InternalPort is not null),
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

    private MapSettings Maps() => new()
    {
        IdempotencyTtl = TimeSpan.FromSeconds(Number("MapIdempotencySeconds", (int)Defaults.Maps.IdempotencyTtl.TotalSeconds, 1, 86_400)),
        CleanupInterval = TimeSpan.FromMilliseconds(Number("MapCleanupMilliseconds", (int)Defaults.Maps.CleanupInterval.TotalMilliseconds, 50, 60_000)),
        CleanupBatch = Number("MapCleanupBatch", Defaults.Maps.CleanupBatch, 1, 10_000),
    };

    private bool Flag(string name) => _source.Flag(name);

    // The message must not contain the value: it is a secret.
    private string? JwtSecret()
    {
        var (secret, allowsShort) = (Text("JWT_SECRET"), Flag(SigningSecret.AllowShortName));
        if (secret is not null && SigningSecret.IsTooShort(secret) && !allowsShort)
        {
            Fault("JWT_SECRET", SigningSecret.ShortRule, "$(openssl rand -hex 32)");
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

    // An example that begins with the section of the name is of another setting in it, with its name.
    private void Fault(string name, string fault, string example)
    {
        var section = name[..(name.LastIndexOf(':') + 1)];
        var isNamed = section.Length > 0 && example.StartsWith(section, StringComparison.Ordinal);
        _faults.Add($"{name}: {fault}{(fault.EndsWith('?') ? "" : ".")} Example: {(isNamed ? example : $"{name}={example}")}");
    }
}
