using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Redis;

namespace ClawEvents.Broker.Doctor;

/// <summary>Finds what the settings leave open to strangers. A setting that is right on a developer's machine is a warning there, and a fault where others can connect.</summary>
internal sealed class ExposureChecks(BrokerOptions options)
{
    private const int ShortKey = 16;

    private bool IsPublic => IsReachable(options.Listeners.Host);

    // Without an internal port, what it would have is on the public one.
    private bool HasOpenOperations => options.Listeners.InternalPort is null ? IsPublic : IsReachable(options.Listeners.HostOfInternalPort);

    public IEnumerable<Finding> Run() =>
    [
        Unsafe("development-mode", options.Api.DevMode, "development mode gives anybody a token of any name", "remove CLAW_DEV_MODE and NODE_ENV=development"),
        Unsafe("token-signatures", options.Identity.ClientTokens.SkipsSignatures, "token signatures are not verified: any client can claim any identity", "remove SkipTokenSignatures"),
        Unsafe("insecure-clients", options.Clients.IsInsecure, "clients may do everything in namespaces", "remove ClientInsecure"),
        ServerApi(),
        .. options.Api.ShowsAdmin ? new[] { Console() } : [],
        Origins(),
        Operations(),
        Headers(),
        Logins(),
        Tls(),
        .. RedisTls(),
    ];

    private static bool IsReachable(string host) =>
        ListenerOptions.SocketPathOf(host) is null && ListenerOptions.AddressOf(host) is { } address && !IPAddress.IsLoopback(address);

    private Finding Unsafe(string check, bool isSet, string text, string advice) =>
        !isSet ? Finding.Ok(check, "off")
        : IsPublic ? Finding.Fault(check, $"{text}, and the broker listens on {options.Listeners.Host}", advice)
        : Finding.Warning(check, $"{text}; only programs of this machine can connect, or a proxy on it passes others on", advice);

    private Finding ServerApi()
    {
        const string check = "server-key";
        var isOpen = options.Api.IsServerApiExternal ? IsPublic || HasOpenOperations : HasOpenOperations;
        return options.Api switch
        {
            { ServerApiInsecure: true } when isOpen => Finding.Fault(check, "the server API needs no key, and others can reach it", "set CENTRIFUGO_API_KEY and remove ServerApiInsecure"),
            { ServerApiInsecure: true } => Finding.Warning(check, "the server API needs no key", "set CENTRIFUGO_API_KEY and remove ServerApiInsecure"),
            { ServerApiKey: null } => Finding.Warning(check, "there is none, so the server API is closed: no back end can publish, and no operator can ask", "set CENTRIFUGO_API_KEY (openssl rand -hex 16), if you use it"),
            { ServerApiKey.Length: < ShortKey } => Finding.Warning(check, $"it has fewer than {ShortKey} characters and can be guessed", "set a longer CENTRIFUGO_API_KEY (openssl rand -hex 16)"),
            _ => Finding.Ok(check, "set"),
        };
    }

    private Finding Console()
    {
        const string check = "admin";
        return options.Api.IsAdminInsecure && HasOpenOperations ? Finding.Fault(check, "the console needs no sign-in, and others can reach it", "remove AdminInsecure")
            : options.Api.IsAdminInsecure ? Finding.Warning(check, "the console needs no sign-in", "remove AdminInsecure")
            : HasOpenOperations ? Finding.Warning(check, "others can reach the console for operators, and try passwords", "set InternalPort, with an InternalHost that only operators reach")
            : options.Api.AdminPassword is { Length: < ShortKey } ? Finding.Warning(check, $"AdminPassword has fewer than {ShortKey} characters and can be guessed", "set a longer one (openssl rand -hex 16), or none: the key of the server API opens the console, too")
            : Finding.Ok(check, "only operators can reach the console");
    }

    private Finding Origins()
    {
        const string check = "allowed-origins";
        return options.Connections.AllowedOrigins.Any(origin => origin is "*" or "*://*" or "https://*" or "http://*")
            ? Finding.Warning(check, "pages of every origin may connect with the cookies of their readers", "name your own in AllowedOrigins, such as https://*.example.com")
            : Finding.Ok(check, options.Connections.AllowedOrigins.Count == 0 ? "pages of the broker's own host only" : string.Join(' ', options.Connections.AllowedOrigins));
    }

    private Finding Operations()
    {
        const string check = "operator-pages";
        string[] open =
        [
            .. options.Telemetry.ShowsMetrics ? ["metrics"] : (ReadOnlySpan<string>)[],
            .. options.Api.ShowsStats ? ["stats"] : (ReadOnlySpan<string>)[],
        ];
        return options.Api.ShowsProxyEndpoints && IsPublic ? Finding.Warning(check, "/proxy/* tells anyone who may do what (ProxyEndpoints)", "remove ProxyEndpoints, unless a server in front keeps strangers from it")
            : open.Length > 0 && HasOpenOperations ? Finding.Warning(check, $"others can read {string.Join(" and ", open)}", "set InternalPort, and InternalHost to an address of your own network")
            : Finding.Ok(check, "not open to strangers");
    }

    private Finding Headers()
    {
        const string check = "trusted-headers";
        return options.Listeners.TrustedProxies.Any(network => network.PrefixLength == 0) ? Finding.Fault(check, "TrustedProxies has every address: any client can claim any address", "name the proxies' addresses or network")
            : options.Clients.UserIdHeader is { } header && IsPublic ? Finding.Warning(check, $"the header {header} names the user (UserIdHeader), and clients can connect past the proxy that sets it", "let the broker listen only where the proxy is (CLAW_HOST), or keep others away by a firewall")
            : Finding.Ok(check, "no header of strangers is believed");
    }

    private Finding Logins()
    {
        const string check = "profile-login";
        return options.Identity.AllowUnboundProfileLogin
            ? Finding.Warning(check, "any client that reads a new signature in a profile first gets the token", "update the clients, then remove AllowUnboundProfileLogin")
            : Finding.Ok(check, "bound to who began it");
    }

    private Finding Tls()
    {
        const string check = "tls";
        return options.Listeners.UsesTls ? Finding.Ok(check, "in the broker")
            : !IsPublic ? Finding.Ok(check, "none, and none needed: only this machine can connect")
            : options.Listeners.TrustedProxies.Count > 0 ? Finding.Ok(check, "none; TrustedProxies says that a proxy is in front")
            : Finding.Warning(check, $"the broker listens on {options.Listeners.Host} without TLS: tokens can be read on the way", "set TlsCertificateFile and TlsKeyFile; or let a proxy in front end TLS, and name it in TrustedProxies");
    }

    private IEnumerable<Finding> RedisTls() =>
        from address in options.State.Redis
        where !address.UsesTls && address.Endpoints.Any(endpoint => !IsOfThisMachine(endpoint))
        select Finding.Warning("redis-tls", $"{address}: password and messages cross the network as they are", "use rediss:// where the network is not your own");

    private static bool IsOfThisMachine(RedisEndpoint endpoint) =>
        endpoint.Host is "localhost" || (IPAddress.TryParse(endpoint.Host, out var address) && IPAddress.IsLoopback(address));
}
