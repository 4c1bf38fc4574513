namespace ClawEvents.Broker.Configuration;

/// <summary>All settings by topic, as docs/reference/settings.md lists them: for the help, the check of a configuration, and the reload.</summary>
/// <remarks>Tests compare it with what is read and with the page.</remarks>
internal static partial class SettingCatalog
{
    private static readonly SettingTopic[] OfIdentity =
    [
        new("Server",
        [
            new("PORT", "8080", "TCP port; 0 takes any free one"),
            new("CLAW_HOST", "localhost", "where to listen: localhost, an IP address, * or unix:PATH"),
            new("TlsCertificateFile", "none", "PEM file with the certificate and its chain, or its text: HTTPS and WSS"),
            new("TlsKeyFile", "none", "the same with the certificate's key"),
            new("TlsClientAuthorityFile", "none", "the same with authorities: clients need a certificate that one of them signed"),
            new("AcmeHosts", "none", "names of this server: the broker gets certificates for them itself"),
            new("AcmeFolder", "certificates in the data folder", "keeps these certificates"),
            new("AcmeEmail", "none", "to which the authority may write"),
            new("AcmeServerName", "the first of AcmeHosts", "the name for clients that say none"),
            new("AcmeHttpPort", "none", "port on which the authority's questions are answered; none: the TLS port"),
            new("AcmeHttpHost", "*", "where that port listens"),
            new("AcmeDirectory", "https://acme-v02.api.letsencrypt.org/directory", "address of the authority"),
            new("AcmeAuthorityFile", "none", "PEM file with the authorities of its own certificate"),
            new("AllowedOrigins", "none", "globs: pages of these origins may connect") { IsReloadable = true },
            new("AllowedHosts", "none", "globs: names by which the broker may be reached") { IsReloadable = true },
            new("CLAW_DEV_MODE", "false", "anybody gets a token; for development only"),
            new("NODE_ENV", "none", "'development' is development mode too"),
            new("IgnoredCentrifugoSettings", "none", "dangerous settings of a Centrifugo to ignore"),
            new("DrainDelaySeconds", "0", "time from not ready to no new clients, when the broker stops"),
            new("DrainSeconds", "5 with Redis, otherwise 0", "time over which clients are sent away then"),
            new("ShutdownSeconds", "10", "time that clients have to go when the broker stops"),
        ]),
        new("State",
        [
            new("CLAW_DATA_DIR", "$XDG_DATA_HOME/clawevents, else ~/.local/share/clawevents", "folder of the state and the secret"),
            new("REDIS_URL", "none", "Redis instead of the data folder; joins the nodes") { Secrecy = Secrecy.Addresses },
        ]),
        new("Logins and keys",
        [
            new("JWT_SECRET", "generated once", "signs tokens; 32 bytes or more") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("MOLTBOOK_API_KEY", "none", "key to fetch profiles with") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("AllowShortSecrets", "false", "secrets under 32 bytes; unsafe"),
            new("AllowUnboundProfileLogin", "false", "logins by profile without a verifier; unsafe") { IsReloadable = true },
            new("MOLTBOOK_API_BASE", "https://www.moltbook.com/api/v1", "address of the profiles"),
            new("CLAWKEY_API_BASE", "https://clawkey.org", "address of public SSH keys"),
            new("CENTRIFUGO_API_KEY", "none", "key of the server API, which is closed without it") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("ServerApiInsecure", "false", "the server API needs no key") { IsReloadable = true },
            new("ServerApiErrorMode", "none", "'transport': its errors are HTTP statuses") { IsReloadable = true },
        ]),
        new("Tokens of clients",
        [
            new("TokenSecret", "none", "HMAC secret of back ends") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("TokenPreviousSecret", "none", "the secret before, still accepted") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("TokenPreviousSecretValidUntil", "0", "end of the previous secret, in seconds since 1970") { IsReloadable = true },
            new("TokenRsaPublicKey", "none", "public RSA key of back ends, PEM") { IsReloadable = true },
            new("TokenEcdsaPublicKey", "none", "public EC key of back ends, PEM") { IsReloadable = true },
            new("TokenJwksUrl", "none", "address of published keys") { IsReloadable = true },
            new("TokenJwksAnyValue", "false", "a token chooses that address by any text of a form, not only from a list") { IsReloadable = true },
            new("TokenAudience", "any", "the aud that a token must have") { IsReloadable = true },
            new("TokenIssuer", "any", "the iss that a token must have") { IsReloadable = true },
            new("TokenAudienceRegex", "any", "pattern of that aud") { IsReloadable = true },
            new("TokenIssuerRegex", "any", "pattern of that iss") { IsReloadable = true },
            new("TokenUserIdClaim", "sub", "the claim that names the user") { IsReloadable = true },
            new("TokenUserPrefix", "none", "put before users of tokens that others have signed") { IsReloadable = true },
            new("SeparateSubscriptionTokens", "false", "tokens of subscriptions have the settings below") { IsReloadable = true },
            new("SkipTokenSignatures", "false", "signatures are not verified; never in production") { IsReloadable = true },
            new("SubscriptionTokenSecret", "JWT_SECRET", "for subscriptions, as TokenSecret") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("SubscriptionTokenPreviousSecret", "none", "as TokenPreviousSecret") { Secrecy = Secrecy.Whole, IsReloadable = true },
            new("SubscriptionTokenPreviousSecretValidUntil", "0", "as TokenPreviousSecretValidUntil") { IsReloadable = true },
            new("SubscriptionTokenRsaPublicKey", "none", "as TokenRsaPublicKey") { IsReloadable = true },
            new("SubscriptionTokenEcdsaPublicKey", "none", "as TokenEcdsaPublicKey") { IsReloadable = true },
            new("SubscriptionTokenJwksUrl", "none", "as TokenJwksUrl") { IsReloadable = true },
            new("SubscriptionTokenJwksAnyValue", "false", "as TokenJwksAnyValue") { IsReloadable = true },
            new("SubscriptionTokenAudience", "any", "as TokenAudience") { IsReloadable = true },
            new("SubscriptionTokenAudienceRegex", "any", "as TokenAudienceRegex") { IsReloadable = true },
            new("SubscriptionTokenIssuer", "any", "as TokenIssuer") { IsReloadable = true },
            new("SubscriptionTokenIssuerRegex", "any", "as TokenIssuerRegex") { IsReloadable = true },
            new("SubscriptionTokenUserIdClaim", "sub", "as TokenUserIdClaim") { IsReloadable = true },
            new("SubscriptionTokenUserPrefix", "none", "as TokenUserPrefix") { IsReloadable = true },
        ]),
        new("Clients",
        [
            new("AllowAnonymous", "true", "clients without a token are anonymous") { IsReloadable = true },
            new("DisallowAnonymousTokens", "false", "a token without a user is refused") { IsReloadable = true },
            new("UserIdHeader", "none", "request header that names the user; a proxy has to set it"),
            new("UserConnectionLimit", "0", "connections that a user may have; 0: no limit") { IsReloadable = true },
            new("ConnectTellsTime", "false", "the connect reply has the time") { IsReloadable = true },
            new("PersonalChannels", "false", "each user is subscribed to a channel of its own"),
            new("PersonalChannelNamespace", "none", "the namespace of those channels"),
            new("PersonalChannelSingleConnection", "false", "a user has one connection: others are closed"),
            new("ExpiredCloseSeconds", "5", "time for a late refresh of a connection") { IsReloadable = true },
            new("ExpiredSubscriptionCloseSeconds", "5", "time for a late refresh of a subscription") { IsReloadable = true },
            new("ClientInsecure", "false", "clients may do everything in namespaces; for experiments"),
            new("PingSeconds", "25", "interval of the broker's pings; 0: none"),
            new("PongSeconds", "8", "time limit of the answer to a ping"),
        ]),
    ];

    /// <summary>In the order of the page.</summary>
    public static IReadOnlyList<SettingTopic> Topics => [.. OfIdentity, .. OfOperation];

    /// <summary>The setting to which a key belongs: its own, or one of its section.</summary>
    /// <returns>Null for the key of no setting.</returns>
    public static SettingInfo? Find(string key) => Topics.SelectMany(topic => topic.Settings).FirstOrDefault(setting => setting.Owns(key));
}
