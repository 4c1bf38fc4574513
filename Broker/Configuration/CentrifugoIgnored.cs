using System.IO.Enumeration;

namespace ClawEvents.Broker.Configuration;

/// <summary>Settings of a Centrifugo that have no effect here, with the reason why the broker does without. docs/reference/centrifugo-settings.md</summary>
/// <param name="Reason">Follows "ignored:", for operators.</param>
/// <param name="Names">In the form of <see cref="CentrifugoLeftover.Key"/>, separated by blanks; <c>*</c> stands for any text.</param>
internal sealed record CentrifugoIgnored(string Reason, string Names)
{
    private static readonly char[] Blanks = [' ', '\n', '\r'];

    private readonly string[] _patterns = Names.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>All of them, of versions 5 and 6 and the paid edition; the first that matches counts.</summary>
    private static IReadOnlyList<CentrifugoIgnored> All { get; } =
    [
        new("the broker's connections have buffers of their own", "*websocket_read_buffer_size *websocket_write_buffer_size *websocket_use_write_buffer_pool"),
        new("a client that reads joined pushes reads single ones, too; those that wait leave in one write, each in a frame of its own", "uni_websocket_join_push_messages"),
        new("the commands of a client are answered in their order", "client_concurrency"),
        new("publications carry no time: a subscription that has missed any ends at the second check of its position (`PositionCheckSeconds`), however late they are", "client_channel_position_max_time_lag"),
        new("all questions go to the primary, which has all answers", "*redis*_replica_client_enabled"),
        new("the broker's keys have a layout of their own", "*redis*_history_use_lists *redis*_use_lists *redis*_presence_hash_field_ttl *redis*_presence_user_mapping global_redis_presence_user_mapping"),
        new("the server it names would not be asked: channels are kept in memory, or in Redis", "broker_nats_* broker_redisnats_* broker_postgres_* controller controller_* brokers_*_nats_* nats_*"),
        new("changes of a map are always announced: nothing else would tell its subscribers", "map_broker_redis_skip_pub_sub"),
        new("maps are where the other channels are", "map_broker*"),
        new("this Redis is not in use", "engine_redis_* broker_redis_* presence_manager_redis_* redis_* global_presence_ttl"),
        new("the engine or broker that it belongs to is switched off", "engine engine_* broker broker_* presence_manager*"),
        new("the transport is switched off", "webtransport webtransport_*"),
        new("HTTP/3 is not spoken: clients use HTTP/2 or 1.1", "http3 http3_* http_server_http3*"),
        new("the description of the HTTP API is at `/docs/api`", "swagger swagger_*"),
        new("profiles of Go's runtime; here `dotnet-counters` and [metrics](metrics.md) show the process", "debug debug_*"),
        new("nothing is ever sent about the broker's use", "usage_stats*"),
        new("the variables of OpenTelemetry choose what is sent", "opentelemetry opentelemetry_*"),
        new("requests are always counted, by route, method and status", "prometheus_instrument_http_handlers"),
        new("histograms are always there, in the usual form", "prometheus_*"),
        new("nothing here is unreleased", "enable_unreleased_features"),
        new("`info` always covers the last minute, in steps of ten seconds", "node_info_metrics_aggregate_interval"),
        new("the broker brings the pages of its console; those made for a Centrifugo ask for endpoints that are not here", "admin_*"),
        new("nothing asks this back end: it has no endpoint, or nothing switches it on", "client_proxy_* channel_proxy_* rpc_* proxies proxies_* proxy_*"),
        new("nothing switches its queue on", "consumers consumers_*"),
        new("TLS is switched off there", "http_server_tls* http_server_internal_tls* internal_tls* tls tls_* grpc_api_* uni_grpc_* grpc_api uni_grpc"),
        new("what it belongs to is switched off", """
            api_url *_handler_prefix client_connect_code_* dev dev_* emulation_* graphite graphite_* health_* http_api_* http_stream_* init_* log_* name node_* shutdown_* sockjs* sse_* uni_http_stream_* uni_sse_* uni_websocket_* websocket_*
            """),
        new("of the paid edition", """
            brokers brokers_* cache_* channel_patterns* channel_namespace_for_* clickhouse_analytics* client_command_rate_limit_* client_error_limits* client_max_messages_in_frame client_queue_initial_cap
            client_rate_limit_* client_reply_without_queue client_write_delay database* distributed_rate_limit* license partitioned_presence* push_notifications* redis_user_command_rate_limit*
            singleflight* state_* token_revoke* use_singleflight user_block* user_command_rate_limit* user_status* user_tokens_invalidate*
            """),
    ];

    /// <summary>The same for options of a namespace, by the rest of their names.</summary>
    private static IReadOnlyList<CentrifugoIgnored> OfNamespaces { get; } =
    [
        new("`subscription_type` names the one type of its channels", "subscription_types*"),
        new("of the paid edition", "*_cel allow_channel_compaction batch_* broker_name cache_empty_* keep_latest_publication map_broker_name map_full_state_* presence_manager_name shared_poll_backpressure_* shared_poll_keep_latest_data shared_poll_notification_* shared_poll_relay* shared_position_sync state_*"),
    ];

    /// <summary>Why a setting has no effect here.</summary>
    /// <param name="option">The part behind a namespace, if it is an option of one; otherwise null.</param>
    /// <returns>Null for a name that no Centrifugo has, or that is read.</returns>
    public static string? ReasonOf(string key, string? option) =>
        (option is null ? null : ReasonIn(OfNamespaces, option)) ?? ReasonIn(All, key) ?? (option is null ? ReasonIn(OfNamespaces, key) : null);

    private static string? ReasonIn(IReadOnlyList<CentrifugoIgnored> list, string key) =>
        list.FirstOrDefault(one => Array.Exists(one._patterns, pattern => FileSystemName.MatchesSimpleExpression(pattern, key)))?.Reason;
}
