using System.IO.Enumeration;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>Tells settings that a Centrifugo has from names that nobody has, which are probably slips.</summary>
/// <remarks>Names are in the form of <see cref="CentrifugoLeftover.Key"/>, of versions 5 and 6 and its paid edition.</remarks>
internal static partial class CentrifugoNames
{
    // Without effect here. A star stands for the rest of a section.
    private const string WithoutEffect = """
        admin admin_* api_handler_prefix api_url broker broker_* brokers brokers_* cache_* channel_patterns* clickhouse_analytics* client_channel_position_* client_command_rate_limit_*
        client_concurrency client_connect_code_* client_error_limits* client_history_max_publication_limit client_max_messages_in_frame client_presence_update_interval client_queue_initial_cap
        client_rate_limit_* client_recovery_max_publication_limit client_reply_without_queue client_stale_close_delay client_write_delay client_proxy_* channel_proxy_* channel_private_prefix
        channel_namespace_boundary channel_user_boundary channel_user_separator channel_namespace_for_* consumers consumers_* database* debug debug_* dev dev_* distributed_rate_limit*
        emulation_* enable_unreleased_features engine engine_* global_presence_ttl global_redis_presence_user_mapping graphite graphite_* grpc_api grpc_api_* health health_* http3 http3_*
        http_api_* http_server_http3* http_server_internal_tls* http_server_tls* http_stream_* init_* internal_tls* license log_* map_broker* name nats_* node_* opentelemetry opentelemetry_*
        partitioned_presence* pid_file presence_manager* prometheus_* proxies proxies_* proxy_* push_notifications* redis_* redis_user_command_rate_limit* rpc_* shutdown_* singleflight* sockjs*
        sse_* state_* swagger swagger_* tls tls_* token_revoke* uni_grpc uni_grpc_* uni_http_stream_* uni_sse_* uni_websocket_* usage_stats* use_singleflight user_block* user_command_rate_limit*
        user_status* user_tokens_invalidate* websocket_* webtransport webtransport_*
        """;

    // The same for options of a namespace.
    private const string OptionsWithoutEffect = """
        *_cel allow_channel_compaction batch_* broker_name cache_empty_* keep_latest_publication presence_manager_name proxy_subscribe_stream shared_poll_* shared_position_sync
        state_* subscribe_stream_* subscription_types*
        """;

    private static readonly char[] Blanks = [' ', '\n', '\r'];

    /// <summary>Whether a Centrifugo has this setting.</summary>
    public static bool IsKnown(string key)
    {
        var option = Option().Match(key);
        return IsListed(key, WithoutEffect) || Translated().Any(name => name == key)
            || IsListed(option.Success ? option.Groups["name"].Value : key, OptionsWithoutEffect);
    }

    /// <summary>The setting that was probably meant, in the form of the name: a path, a variable or a flag.</summary>
    /// <returns>Null if nothing is near.</returns>
    public static string? Nearest(string name)
    {
        if (Option().Match(CentrifugoLeftover.KeyOf(name)) is { Success: true } option)
        {
            var own = option.Groups["name"].Value;
            return NearestName.Find(own, ChannelOptionsReader.Names.Append("name")) is { } near ? name[..^own.Length] + near : null;
        }

        return name.StartsWith("CENTRIFUGO_", StringComparison.Ordinal) ? NearestName.Find(name, Paths().Select(CentrifugoSetting.VariableOf))
            : name.StartsWith('-') ? NearestName.Find(name, Paths().Select(path => $"--{path}"))
            : NearestName.Find(name, Paths());
    }

    private static IEnumerable<string> Paths() =>
        CentrifugoSetting.All.SelectMany(setting => new[] { setting.Key, setting.FlatKey })
            .Concat(CentrifugoConfiguration.Keys.SelectMany(pair => new[] { pair.Key, pair.FlatKey }))
            .Concat(CentrifugoProxies.Keys)
            .Concat(CentrifugoRedis.Keys)
            .Concat(ChannelOptionsReader.Names)
            .Concat(MapOptionsReader.Names.Select(option => $"map.{option}"))
            .Concat(SharedPollOptionsReader.Names.Select(option => $"shared_poll.{option}"))
            .Concat(["channel.namespaces", "channel.without_namespace", "namespaces", "proxies", "rpc.namespaces", "engine.type"]);

    private static IEnumerable<string> Translated() => Paths().Select(CentrifugoLeftover.KeyOf);

    private static bool IsListed(string key, string list) =>
        list.Split(Blanks, StringSplitOptions.RemoveEmptyEntries).Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, key));

    [GeneratedRegex(@"\A(channel_)?(namespaces_[0-9]+|without_namespace)_(?<name>.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Option();
}
