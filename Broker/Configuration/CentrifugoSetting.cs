using System.Globalization;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>A setting of Centrifugo that corresponds to one of ours.</summary>
/// <param name="Key">Its path in a file of version 6, with dots.</param>
/// <param name="FlatKey">Its name in a file of version 5.</param>
/// <param name="Name">Our setting.</param>
/// <param name="Convert">Converts its value to ours.</param>
internal sealed record CentrifugoSetting(string Key, string FlatKey, string Name, Func<string, string> Convert)
{
    /// <summary>All of them; docs/reference/centrifugo-settings.md has a row for each.</summary>
    public static IReadOnlyList<CentrifugoSetting> All { get; } =
    [
        Same("http_server.port", "port", "PORT"),
        new("http_server.address", "address", "CLAW_HOST", value => value.Length == 0 ? "*" : value),
        Same("http_server.tls.cert_pem", "tls_cert", "TlsCertificateFile"),
        Same("http_server.tls.key_pem", "tls_key", "TlsKeyFile"),
        Same("http_server.tls.client_ca_pem", "tls_client_ca", "TlsClientAuthorityFile"),
        Same("http_server.internal_tls.cert_pem", "internal_tls_cert", "InternalTlsCertificateFile"),
        Same("http_server.internal_tls.key_pem", "internal_tls_key", "InternalTlsKeyFile"),
        Same("http_server.internal_tls.client_ca_pem", "internal_tls_client_ca", "InternalTlsClientAuthorityFile"),
        Same("http_api.handler_prefix", "api_handler_prefix", "ServerApiPath"),
        Same("http_api.key", "api_key", "CENTRIFUGO_API_KEY"),
        Flag("http_api.insecure", "api_insecure", "ServerApiInsecure"),
        Same("http_api.error_mode", "api_error_mode", "ServerApiErrorMode"),
        Same("client.allowed_origins", "allowed_origins", "AllowedOrigins"),
        Flag("client.insecure", "client_insecure", "ClientInsecure"),
        Same("client.token.hmac_secret_key", "token_hmac_secret_key", "JWT_SECRET"),
        Same("client.token.hmac_previous_secret_key", "token_hmac_previous_secret_key", "TokenPreviousSecret"),
        Same("client.token.hmac_previous_secret_key_valid_until", "token_hmac_previous_secret_key_valid_until", "TokenPreviousSecretValidUntil"),
        Same("client.token.rsa_public_key", "token_rsa_public_key", "TokenRsaPublicKey"),
        Same("client.token.ecdsa_public_key", "token_ecdsa_public_key", "TokenEcdsaPublicKey"),
        Same("client.token.jwks_public_endpoint", "token_jwks_public_endpoint", "TokenJwksUrl"),
        Flag("client.token.insecure_skip_jwks_endpoint_safety_check", "token_insecure_skip_jwks_endpoint_safety_check", "TokenJwksAnyValue"),
        Same("client.token.audience", "token_audience", "TokenAudience"),
        Same("client.token.audience_regex", "token_audience_regex", "TokenAudienceRegex"),
        Same("client.token.issuer", "token_issuer", "TokenIssuer"),
        Same("client.token.issuer_regex", "token_issuer_regex", "TokenIssuerRegex"),
        Same("client.token.user_id_claim", "token_user_id_claim", "TokenUserIdClaim"),
        Flag("client.subscription_token.enabled", "separate_subscription_token_config", "SeparateSubscriptionTokens"),
        Same("client.subscription_token.hmac_secret_key", "subscription_token_hmac_secret_key", "SubscriptionTokenSecret"),
        Same("client.subscription_token.hmac_previous_secret_key", "subscription_token_hmac_previous_secret_key", "SubscriptionTokenPreviousSecret"),
        Same("client.subscription_token.hmac_previous_secret_key_valid_until", "subscription_token_hmac_previous_secret_key_valid_until", "SubscriptionTokenPreviousSecretValidUntil"),
        Same("client.subscription_token.user_id_claim", "subscription_token_user_id_claim", "SubscriptionTokenUserIdClaim"),
        Same("client.subscription_token.rsa_public_key", "subscription_token_rsa_public_key", "SubscriptionTokenRsaPublicKey"),
        Same("client.subscription_token.ecdsa_public_key", "subscription_token_ecdsa_public_key", "SubscriptionTokenEcdsaPublicKey"),
        Same("client.subscription_token.jwks_public_endpoint", "subscription_token_jwks_public_endpoint", "SubscriptionTokenJwksUrl"),
        Flag("client.subscription_token.insecure_skip_jwks_endpoint_safety_check", "subscription_token_insecure_skip_jwks_endpoint_safety_check", "SubscriptionTokenJwksAnyValue"),
        Same("client.subscription_token.audience", "subscription_token_audience", "SubscriptionTokenAudience"),
        Same("client.subscription_token.audience_regex", "subscription_token_audience_regex", "SubscriptionTokenAudienceRegex"),
        Same("client.subscription_token.issuer", "subscription_token_issuer", "SubscriptionTokenIssuer"),
        Same("client.subscription_token.issuer_regex", "subscription_token_issuer_regex", "SubscriptionTokenIssuerRegex"),
        Same("shared_poll.hmac_secret_key", "shared_poll_hmac_secret_key", "SharedPollSecret"),
        Same("shared_poll.hmac_previous_secret_key", "shared_poll_hmac_previous_secret_key", "SharedPollPreviousSecret"),
        Same("shared_poll.hmac_previous_secret_key_valid_until", "shared_poll_hmac_previous_secret_key_valid_until", "SharedPollPreviousSecretValidUntil"),
        Same("shared_poll.concurrency_limit", "shared_poll_concurrency_limit", "SharedPollConcurrency"),
        Flag("client.insecure_skip_token_signature_verify", "client_insecure_skip_token_signature_verify", "SkipTokenSignatures"),
        Flag("client.allow_anonymous_connect_without_token", "allow_anonymous_connect_without_token", "AllowAnonymous"),
        Flag("client.disallow_anonymous_connection_tokens", "disallow_anonymous_connection_tokens", "DisallowAnonymousTokens"),
        Same("client.user_id_http_header", "client_user_id_http_header", "UserIdHeader"),
        Same("client.user_connection_limit", "client_user_connection_limit", "UserConnectionLimit"),
        Flag("client.connect_include_server_time", "client_connect_include_server_time", "ConnectTellsTime"),
        Flag("client.subscribe_to_user_personal_channel.enabled", "user_subscribe_to_personal", "PersonalChannels"),
        Same("client.subscribe_to_user_personal_channel.personal_channel_namespace", "user_personal_channel_namespace", "PersonalChannelNamespace"),
        Flag("client.subscribe_to_user_personal_channel.single_connection", "user_personal_single_connection", "PersonalChannelSingleConnection"),
        Seconds("client.expired_close_delay", "client_expired_close_delay", "ExpiredCloseSeconds"),
        Seconds("client.expired_sub_close_delay", "client_expired_sub_close_delay", "ExpiredSubscriptionCloseSeconds"),
        Seconds("client.ping_interval", "ping_interval", "PingSeconds"),
        Seconds("client.pong_timeout", "pong_timeout", "PongSeconds"),
        Same("client.channel_limit", "client_channel_limit", "MaxSubscriptionsPerConnection"),
        Same("client.queue_max_size", "client_queue_max_size", "MaxQueuedBytes"),
        Same("client.history_max_publication_limit", "client_history_max_publication_limit", "MaxHistoryPublications"),
        Seconds("client.stale_close_delay", "client_stale_close_delay", "ConnectSeconds"),
        Same("client.recovery_max_publication_limit", "client_recovery_max_publication_limit", "MaxRecoveredPublications"),
        Seconds("map_broker.redis.idempotent_result_ttl", "map_broker_redis_idempotent_result_ttl", "MapIdempotencySeconds"),
        Milliseconds("map_broker.redis.cleanup_interval", "map_broker_redis_cleanup_interval", "MapCleanupMilliseconds"),
        Same("map_broker.redis.cleanup_batch_size", "map_broker_redis_cleanup_batch_size", "MapCleanupBatch"),
        Seconds("client.presence_update_interval", "client_presence_update_interval", "PresenceSeconds"),
        Seconds("client.channel_position_check_delay", "client_channel_position_check_delay", "PositionCheckSeconds"),
        Part("channel.namespace_boundary", "channel_namespace_boundary", "NamespaceBoundary"),
        Part("channel.private_prefix", "channel_private_prefix", "PrivateChannelPrefix"),
        Part("channel.user_boundary", "channel_user_boundary", "UserBoundary"),
        Part("channel.user_separator", "channel_user_separator", "UserSeparator"),
        Part("rpc.namespace_boundary", "rpc_namespace_boundary", "RpcNamespaceBoundary"),
        Same("channel.max_length", "channel_max_length", "MaxChannelBytes"),
        Same("websocket.message_size_limit", "websocket_message_size_limit", "MaxMessageBytes"),
        new("websocket.disabled", "websocket_disable", "WebSocket", Not) { IsFlag = true },
        Flag("websocket.compression", "websocket_compression", "WebSocketCompression"),
        Same("websocket.compression_min_size", "websocket_compression_min_size", "WebSocketCompressionMinBytes"),
        Milliseconds("websocket.write_timeout", "websocket_write_timeout", "WebSocketWriteMilliseconds"),
        Milliseconds("uni_websocket.write_timeout", "uni_websocket_write_timeout", "UniWebSocketWriteMilliseconds"),
        Same("websocket.compression_level", "websocket_compression_level", "WebSocketCompressionLevel"),
        Same("websocket.decompressed_message_size_limit", "websocket_decompressed_message_size_limit", "WebSocketDecompressedMaxBytes"),
        Flag("http_stream.enabled", "http_stream", "HttpStream"),
        Flag("sse.enabled", "sse", "Sse"),
        Flag("uni_websocket.enabled", "uni_websocket", "UniWebSocket"),
        Flag("uni_websocket.compression", "uni_websocket_compression", "UniWebSocketCompression"),
        Same("uni_websocket.compression_min_size", "uni_websocket_compression_min_size", "UniWebSocketCompressionMinBytes"),
        Same("uni_websocket.compression_level", "uni_websocket_compression_level", "UniWebSocketCompressionLevel"),
        Same("uni_websocket.decompressed_message_size_limit", "uni_websocket_decompressed_message_size_limit", "UniWebSocketDecompressedMaxBytes"),
        Same("uni_websocket.message_size_limit", "uni_websocket_message_size_limit", "UniWebSocketMaxMessageBytes"),
        new("uni_websocket.disable_disconnect_push", "uni_websocket_disable_disconnect_push", "UniWebSocketDisconnectPush", Not) { IsFlag = true },
        new("uni_websocket.disable_closing_handshake", "uni_websocket_disable_closing_handshake", "UniWebSocketClosingHandshake", Not) { IsFlag = true },
        Same("http_stream.max_request_body_size", "http_stream_max_request_body_size", "HttpStreamMaxRequestBytes"),
        Same("sse.max_request_body_size", "sse_max_request_body_size", "SseMaxRequestBytes"),
        Same("uni_http_stream.max_request_body_size", "uni_http_stream_max_request_body_size", "UniHttpStreamMaxRequestBytes"),
        Same("uni_sse.max_request_body_size", "uni_sse_max_request_body_size", "UniSseMaxRequestBytes"),
        Same("emulation.max_request_body_size", "emulation_max_request_body_size", "EmulationMaxRequestBytes"),
        Flag("uni_http_stream.enabled", "uni_http_stream", "UniHttpStream"),
        Flag("uni_sse.enabled", "uni_sse", "UniSse"),
        Flag("init.enabled", "init", "ConnectionInit"),
        Flag("grpc_api.enabled", "grpc_api", "GrpcApi"),
        new("grpc_api.address", "grpc_api_address", "GrpcApiHost", value => value.Length == 0 ? "*" : value),
        Same("grpc_api.port", "grpc_api_port", "GrpcApiPort"),
        Same("grpc_api.key", "grpc_api_key", "GrpcApiKey"),
        Same("grpc_api.error_mode", "grpc_api_error_mode", "GrpcApiErrorMode"),
        Flag("grpc_api.reflection", "grpc_api_reflection", "GrpcApiReflection"),
        Same("grpc_api.max_receive_message_size", "grpc_api_max_receive_message_size", "GrpcApiMaxMessageBytes"),
        Same("grpc_api.tls.cert_pem", "grpc_api_tls_cert", "GrpcApiTlsCertificateFile"),
        Same("grpc_api.tls.key_pem", "grpc_api_tls_key", "GrpcApiTlsKeyFile"),
        Same("grpc_api.tls.client_ca_pem", "grpc_api_tls_client_ca", "GrpcApiTlsClientAuthorityFile"),
        Flag("uni_grpc.enabled", "uni_grpc", "UniGrpc"),
        new("uni_grpc.address", "uni_grpc_address", "UniGrpcHost", value => value.Length == 0 ? "*" : value),
        Same("uni_grpc.port", "uni_grpc_port", "UniGrpcPort"),
        Same("uni_grpc.max_receive_message_size", "uni_grpc_max_receive_message_size", "UniGrpcMaxMessageBytes"),
        Same("uni_grpc.tls.cert_pem", "uni_grpc_tls_cert", "UniGrpcTlsCertificateFile"),
        Same("uni_grpc.tls.key_pem", "uni_grpc_tls_key", "UniGrpcTlsKeyFile"),
        Same("uni_grpc.tls.client_ca_pem", "uni_grpc_tls_client_ca", "UniGrpcTlsClientAuthorityFile"),
        Same("http_server.internal_port", "internal_port", "InternalPort"),
        new("http_server.internal_address", "internal_address", "InternalHost", value => value.Length == 0 ? "*" : value),
        Flag("http_server.tls_external", "tls_external", "TlsExternalOnly"),
        Flag("http_api.external", "api_external", "ServerApiExternal"),
        Flag("admin.enabled", "admin", "Admin"),
        Same("admin.password", "admin_password", "AdminPassword"),
        Same("admin.secret", "admin_secret", "AdminSecret"),
        Flag("admin.insecure", "admin_insecure", "AdminInsecure"),
        Same("admin.handler_prefix", "admin_handler_prefix", "AdminPath"),
        Flag("admin.external", "admin_external", "AdminExternal"),
        Flag("prometheus.enabled", "prometheus", "Metrics"),
        Same("websocket.handler_prefix", "websocket_handler_prefix", "WebSocketPath"),
        Same("http_stream.handler_prefix", "http_stream_handler_prefix", "HttpStreamPath"),
        Same("sse.handler_prefix", "sse_handler_prefix", "SsePath"),
        Same("uni_websocket.handler_prefix", "uni_websocket_handler_prefix", "UniWebSocketPath"),
        Same("uni_http_stream.handler_prefix", "uni_http_stream_handler_prefix", "UniHttpStreamPath"),
        Same("uni_sse.handler_prefix", "uni_sse_handler_prefix", "UniSsePath"),
        Same("init.handler_prefix", "init_handler_prefix", "ConnectionInitPath"),
        Same("emulation.handler_prefix", "emulation_handler_prefix", "EmulationPath"),
        Same("prometheus.handler_prefix", "prometheus_handler_prefix", "MetricsPath"),
        Flag("health.enabled", "health", "Health"),
        Same("health.handler_prefix", "health_handler_prefix", "HealthPath"),
        Same("client.connection_limit", "client_connection_limit", "MaxConnections"),
        Same("client.connection_rate_limit", "client_connection_rate_limit", "ConnectionsPerSecond"),
        Seconds("shutdown.timeout", "shutdown_timeout", "ShutdownSeconds"),
        Same("log.file", "log_file", "LogFile"),
        Same("pid_file", "pid_file", "PidFile"),
        Same("node.name", "name", "NodeName"),
        new("log.level", "log_level", "Logging:LogLevel:Default", ToLogLevel),
    ];

    /// <summary>Whether it is a boolean; as a flag without a value it is true.</summary>
    public bool IsFlag { get; private init; }

    /// <summary>Its environment variable in version 6.</summary>
    public string Variable => VariableOf(Key);

    /// <summary>Its environment variable in version 5.</summary>
    public string FlatVariable => VariableOf(FlatKey);

    private static CentrifugoSetting Flag(string key, string flatKey, string name) => new(key, flatKey, name, value => value.ToLowerInvariant()) { IsFlag = true };

    private static CentrifugoSetting Same(string key, string flatKey, string name) => new(key, flatKey, name, value => value);

    // An empty one is a choice there, and none here.
    private static CentrifugoSetting Part(string key, string flatKey, string name) => new(key, flatKey, name, value => value.Length == 0 ? ChannelSyntaxReader.None : value);

    private static CentrifugoSetting Milliseconds(string key, string flatKey, string name) => new(key, flatKey, name, value =>
        DurationText.TryParse(value, out var duration) ? duration.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) : value);

    private static CentrifugoSetting Seconds(string key, string flatKey, string name) => new(key, flatKey, name, ToSeconds);

    /// <summary>A duration in seconds. An invalid one stays as it is: our own check reports it.</summary>
    public static string ToSeconds(string value) =>
        DurationText.TryParse(value, out var duration) ? duration.TotalSeconds.ToString(CultureInfo.InvariantCulture) : value;

    /// <summary>The environment variable of a key.</summary>
    public static string VariableOf(string key) => $"CENTRIFUGO_{key.ToUpperInvariant().Replace('.', '_')}";

    private static string Not(string value) => value.ToLowerInvariant() switch { "true" => "false", "false" => "true", _ => value };

    private static string ToLogLevel(string level) => level.ToLowerInvariant() switch
    {
        "info" => nameof(LogLevel.Information),
        "warn" => nameof(LogLevel.Warning),
        "fatal" => nameof(LogLevel.Critical),
        _ => level,
    };
}
