using System.IO.Enumeration;

namespace ClawEvents.Broker.Configuration;

/// <summary>A setting of a Centrifugo without which the broker would be more open, split or deaf than the author of the file meant (docs/reference/centrifugo-settings.md#settings-that-stop-the-start).</summary>
/// <param name="Names">Its names as <see cref="CentrifugoLeftover.Key"/>, separated by blanks; <c>*</c> stands for any text.</param>
/// <param name="IsMeant">Whether a value changes anything; given the leftover and all values by key.</param>
/// <param name="Reason">What would happen without it.</param>
internal sealed record CentrifugoDanger(string Names, Func<CentrifugoLeftover, IReadOnlyDictionary<string, string>, bool> IsMeant, string Reason)
{
    private const string Alone = "without REDIS_URL this node would be alone: what is published on one node does not reach the others";
    private const string PlainText = "the port would not speak TLS as the file says; TlsCertificateFile and TlsKeyFile name PEM files";
    private const string Undecided = "without enabled beside it Centrifugo speaks no TLS here, whatever certificates there are; say enabled: true for TLS, or false for none";
    private const string Unlimited = "nothing here limits or blocks these clients, tokens or users in its place";

    /// <summary>All of them; the first that matches counts.</summary>
    public static IReadOnlyList<CentrifugoDanger> All { get; } =
    [
        new("engine engine_type map_broker_type", (setting, _) => IsOther(setting, "memory"), Alone) { IsSolvedByRedis = true },
        new("broker", (setting, _) => IsOther(setting), Alone) { IsSolvedByRedis = true },
        new("broker_type", (setting, all) => IsOther(setting, "memory") && IsOn(all, "broker_enabled"), Alone) { IsSolvedByRedis = true },
        new("presence_manager_type", (setting, all) => IsOther(setting, "memory") && IsOn(all, "presence_manager_enabled"), Alone) { IsSolvedByRedis = true },
        new("brokers_*_type presence_managers_*_type", (setting, all) => IsOther(setting, "memory") && !IsOff(all, Sibling(setting, "type", "enabled")), Alone) { IsSolvedByRedis = true },
        new("*tls_client_ca*", (setting, _) => IsOther(setting), "clients would need no certificate"),
        new("http_server_tls_cert_pem tls_cert tls_cert_pem", (setting, all) => IsUndecided(setting, all, "http_server_tls_enabled", "tls") && !IsOn(all, "http_server_tls_autocert_enabled") && !IsOn(all, "tls_autocert"), Undecided),
        new("grpc_api_tls_cert_pem grpc_api_tls_cert", (setting, all) => IsUndecided(setting, all, "grpc_api_tls_enabled", "grpc_api_tls") && (IsOn(all, "grpc_api_enabled") || IsOn(all, "grpc_api")), Undecided),
        new("uni_grpc_tls_cert_pem uni_grpc_tls_cert", (setting, all) => IsUndecided(setting, all, "uni_grpc_tls_enabled", "uni_grpc_tls") && (IsOn(all, "uni_grpc_enabled") || IsOn(all, "uni_grpc")), Undecided),
        new("http_server_tls_cert_pem_* http_server_tls_key_pem_* tls_cert_pem tls_key_pem", (setting, all) => IsOther(setting) && !IsOff(all, "http_server_tls_enabled", "tls"), PlainText),
        new("http_server_tls_autocert_enabled tls_autocert tls_autocert_enabled", (setting, _) => IsTrue(setting.Value), "a certificate is not asked for in any name that a client says: host_whitelist names the hosts"),
        new("*subscription_types*", (setting, _) => IsOther(setting, "stream"), "its channels would be streams; subscription_type names the one type that they have"),
        new("webtransport_enabled webtransport", (setting, _) => IsTrue(setting.Value), "clients of WebTransport would get a 404"),
        new("http_server_h2c_external h2c_external", (setting, _) => IsTrue(setting.Value), "callers that speak HTTP/2 without TLS, as some proxies do, would not be understood"),
        new("controller_enabled", (setting, _) => IsTrue(setting.Value), Alone) { IsSolvedByRedis = true },
        new("consumers", (setting, _) => IsOther(setting, "[]"), "nothing would be read from the queues it names"),
        new("consumers_*_name", (setting, all) => !IsOff(all, Sibling(setting, "name", "enabled")) && !IsOn(all, Sibling(setting, "name", "disabled")), "nothing would be read from the queue it names"),
        new("grpc_api_tls_cert_pem_* grpc_api_tls_key_pem_*", (setting, all) => IsOther(setting) && !IsOff(all, "grpc_api_tls_enabled"), "the port would not speak TLS as the file says; GrpcApiTlsCertificateFile and GrpcApiTlsKeyFile name PEM files"),
        new("uni_grpc_tls_cert_pem_* uni_grpc_tls_key_pem_*", (setting, all) => IsOther(setting) && !IsOff(all, "uni_grpc_tls_enabled"), "the port would not speak TLS as the file says; UniGrpcTlsCertificateFile and UniGrpcTlsKeyFile name PEM files"),
        new("proxy_grpc_cert_file proxies_*_grpc_cert_file", (setting, _) => IsOther(setting), "its back end would be called without TLS; grpc_tls and grpc_tls_server_ca_file of Proxies are the counterparts"),
        new("client_rate_limit_*_enabled *_command_rate_limit_enabled client_error_limits_enabled", (setting, _) => IsTrue(setting.Value), Unlimited),
        new("user_block_enabled token_revoke_enabled user_tokens_invalidate_enabled", (setting, _) => IsTrue(setting.Value), Unlimited),
    ];

    /// <summary>With <c>REDIS_URL</c> the nodes are joined, and the setting may be ignored.</summary>
    public bool IsSolvedByRedis { get; private init; }

    /// <summary>Whether the setting is this one and says something.</summary>
    public bool Matches(CentrifugoLeftover setting, IReadOnlyDictionary<string, string> all) =>
        Names.Split(' ').Any(name => FileSystemName.MatchesSimpleExpression(name, setting.Key)) && IsMeant(setting, all);

    // Another key of the same section.
    private static string Sibling(CentrifugoLeftover setting, string own, string other) => setting.Key[..^own.Length] + other;

    private static bool IsOther(CentrifugoLeftover setting, string harmless = "") =>
        setting.Value.Length > 0 && !setting.Value.Equals(harmless, StringComparison.OrdinalIgnoreCase);

    // The file has a certificate and does not say whether it is used.
    private static bool IsUndecided(CentrifugoLeftover setting, IReadOnlyDictionary<string, string> all, string enabled, string flatEnabled) =>
        IsOther(setting) && !all.ContainsKey(enabled) && !all.ContainsKey(flatEnabled);

    private static bool IsOn(IReadOnlyDictionary<string, string> all, string key) => IsTrue(all.GetValueOrDefault(key));

    private static bool IsOff(IReadOnlyDictionary<string, string> all, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (bool.TryParse(all.GetValueOrDefault(key), out var isOn) && !isOn)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTrue(string? value) => bool.TryParse(value, out var isOn) && isOn;
}
