using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class CentrifugoProxiesTests
{
    private const string Version5 = """
        {
          "proxy_connect_endpoint": "http://a/connect", "proxy_connect_timeout": "2s", "proxy_refresh_endpoint": "http://a/refresh", "proxy_rpc_endpoint": "http://a/rpc",
          "proxy_subscribe_endpoint": "http://a/subscribe", "proxy_publish_endpoint": "http://a/publish", "proxy_sub_refresh_endpoint": "http://a/sub_refresh",
          "proxy_http_headers": ["Cookie", "Origin"], "proxy_static_http_headers": {"X-Key": "k"}, "proxy_include_connection_meta": true, "proxy_binary_encoding": true,
          "proxy_http_status_code_transforms": [{"status_code": 404, "to_error": {"code": 404, "message": "not found"}}],
          "rpc_namespaces": [{"name": "shop"}], "rpc_ping": true,
          "proxy_subscribe": true,
          "namespaces": [{"name": "chat", "proxy_subscribe": true, "proxy_publish": true, "proxy_sub_refresh": true}, {"name": "news"}]
        }
        """;

    private const string Granular = """
        {
          "granular_proxy_mode": true,
          "proxies": [{"name": "p1", "endpoint": "http://a", "timeout": "3s", "http_headers": ["Cookie"], "static_http_headers": {"X-Key": "k"}, "include_connection_meta": true}, {"name": "p2", "endpoint": "http://b"}],
          "connect_proxy_name": "p1", "refresh_proxy_name": "p2", "rpc_proxy_name": "p1", "rpc_namespaces": [{"name": "shop", "rpc_proxy_name": "p2"}],
          "subscribe_proxy_name": "p1", "namespaces": [{"name": "chat", "publish_proxy_name": "p2"}]
        }
        """;

    private const string Version6 = """
        {
          "client": {"proxy": {
            "connect": {"enabled": true, "endpoint": "http://a/connect", "timeout": "2s", "http_headers": ["Cookie"], "emulated_headers": ["Authorization"],
              "http": {"static_headers": {"X-Key": "k"}, "status_to_code_transforms": [{"status_code": 404, "to_error": {"code": 404, "message": "not found"}}]}, "grpc": {"tls": {"enabled": false, "insecure_skip_verify": false}}},
            "refresh": {"enabled": false, "endpoint": ""}
          }},
          "rpc": {"proxy": {"endpoint": "http://a/rpc"}, "without_namespace": {"proxy_enabled": true}, "namespaces": [{"name": "shop", "proxy_enabled": true, "proxy_name": "p2"}, {"name": "off"}], "ping": {"enabled": true, "method": "hello"}},
          "proxies": [{"name": "p2", "endpoint": "http://b"}],
          "channel": {
            "proxy": {"subscribe": {"endpoint": "http://a/subscribe"}, "publish": {"endpoint": "http://a/publish"}},
            "without_namespace": {"subscribe_proxy_enabled": true, "subscribe_proxy_name": "default"},
            "namespaces": [{"name": "chat", "subscribe_proxy_enabled": true, "subscribe_proxy_name": "p2", "publish_proxy_name": "p2"}]
          }
        }
        """;

    [Test]
    [Checklist(165)]
    public void Version_5_has_an_endpoint_for_each_event_and_a_switch_for_each_namespace() => AssertSettings(Version5, [
        .. Common("client.proxy.connect", "connect", "Proxies:client.proxy.connect:timeout=2s"),
        .. Common("client.proxy.refresh", "refresh"), .. Common("rpc.proxy", "rpc"), .. Common("channel.proxy.subscribe", "subscribe"),
        .. Common("channel.proxy.publish", "publish"), .. Common("channel.proxy.sub_refresh", "sub_refresh"),
        "ConnectProxy=client.proxy.connect", "RefreshProxy=client.proxy.refresh", "RpcProxy=rpc.proxy", "RpcNamespaces:shop=rpc.proxy", "RpcPingMethod=ping",
        "WithoutNamespace:subscribe_proxy_enabled=True", "WithoutNamespace:subscribe_proxy_name=channel.proxy.subscribe",
        "Namespaces:0:name=chat", "Namespaces:0:subscribe_proxy_enabled=True", "Namespaces:0:subscribe_proxy_name=channel.proxy.subscribe",
        "Namespaces:0:publish_proxy_enabled=True", "Namespaces:0:publish_proxy_name=channel.proxy.publish",
        "Namespaces:0:sub_refresh_proxy_enabled=True", "Namespaces:0:sub_refresh_proxy_name=channel.proxy.sub_refresh",
        "Namespaces:1:name=news"], ignored: "");

    [Test]
    [Checklist(165)]
    public void Version_5_may_name_a_back_end_for_each() => AssertSettings(Granular, [
        "Proxies:p1:endpoint=http://a", "Proxies:p1:timeout=3s", "Proxies:p1:http_headers:0=Cookie", "Proxies:p1:static_headers:X-Key=k", "Proxies:p1:include_connection_meta=True",
        "Proxies:p2:endpoint=http://b",
        "ConnectProxy=p1", "RefreshProxy=p2", "RpcProxy=p1", "RpcNamespaces:shop=p2",
        "WithoutNamespace:subscribe_proxy_name=p1", "WithoutNamespace:subscribe_proxy_enabled=true",
        "Namespaces:0:name=chat", "Namespaces:0:publish_proxy_name=p2", "Namespaces:0:publish_proxy_enabled=true"], ignored: "");

    [Test]
    [Checklist(165)]
    public void Version_6_has_a_switch_and_a_name_for_each() => AssertSettings(Version6, [
        "Proxies:client.proxy.connect:endpoint=http://a/connect", "Proxies:client.proxy.connect:timeout=2s",
        "Proxies:client.proxy.connect:http_headers:0=Cookie", "Proxies:client.proxy.connect:emulated_headers:0=Authorization",
        "Proxies:client.proxy.connect:static_headers:X-Key=k", "Proxies:client.proxy.connect:grpc_tls=False", "Proxies:client.proxy.connect:grpc_tls_insecure_skip_verify=False", "Proxies:client.proxy.connect:status_to_code_transforms:0:status_code=404",
        "Proxies:client.proxy.connect:status_to_code_transforms:0:to_error:code=404", "Proxies:client.proxy.connect:status_to_code_transforms:0:to_error:message=not found",
        "Proxies:rpc.proxy:endpoint=http://a/rpc", "Proxies:p2:endpoint=http://b",
        "Proxies:channel.proxy.subscribe:endpoint=http://a/subscribe", "Proxies:channel.proxy.publish:endpoint=http://a/publish",
        "ConnectProxy=client.proxy.connect", "RpcProxy=rpc.proxy", "RpcNamespaces:shop=p2", "RpcPingMethod=hello",
        "WithoutNamespace:subscribe_proxy_enabled=True", "WithoutNamespace:subscribe_proxy_name=channel.proxy.subscribe",
        "Namespaces:0:name=chat", "Namespaces:0:subscribe_proxy_enabled=True", "Namespaces:0:subscribe_proxy_name=p2", "Namespaces:0:publish_proxy_name=p2"],
        ignored: "");

    [Test]
    public void Both_ways_to_a_back_end_have_their_TLS_and_metadata_are_headers() => AssertSettings(
        """
        {"proxies":[
          {"name":"h","endpoint":"https://a","http_headers":["Cookie"],"grpc_metadata":["x-key","cookie"],"http":{"tls":{"enabled":true,"server_ca_pem":"/ca","cert_pem":"/c","key_pem":"/k","server_name":"n","insecure_skip_verify":true}}},
          {"name":"g","endpoint":"grpc://b:1","grpc":{"compression":true,"static_metadata":{"x-fixed":"1"},"tls":{"enabled":true,"server_ca_pem":"/ca"}}}]}
        """,
        [
            "Proxies:h:endpoint=https://a", "Proxies:h:http_headers=Cookie x-key", "Proxies:h:http_tls=True", "Proxies:h:http_tls_server_ca_file=/ca", "Proxies:h:http_tls_cert_file=/c",
            "Proxies:h:http_tls_key_file=/k", "Proxies:h:http_tls_server_name=n", "Proxies:h:http_tls_insecure_skip_verify=True",
            "Proxies:g:endpoint=grpc://b:1", "Proxies:g:grpc_compression=True", "Proxies:g:static_headers:x-fixed=1", "Proxies:g:grpc_tls=True", "Proxies:g:grpc_tls_server_ca_file=/ca",
        ],
        ignored: "");

    [Test]
    [Checklist(165)]
    public void An_endpoint_alone_switches_nothing_on_for_channels() => AssertSettings(
        """{"proxy_subscribe_endpoint":"http://a/subscribe","namespaces":[{"name":"chat"}]}""",
        ["Proxies:channel.proxy.subscribe:endpoint=http://a/subscribe", "Namespaces:0:name=chat"], ignored: "");

    [TestCase("CENTRIFUGO_CLIENT_PROXY_CONNECT_ENDPOINT", "http://a", "CENTRIFUGO_CLIENT_PROXY_CONNECT_ENABLED", "true")]
    [TestCase("CENTRIFUGO_PROXY_CONNECT_ENDPOINT", "http://a", "CENTRIFUGO_PROXY_CONNECT_TIMEOUT", "")]
    public void Variables_of_either_version_are_read(string first, string firstValue, string second, string secondValue)
    {
        var centrifugo = CentrifugoConfiguration.Read(null, new Dictionary<string, string> { [first] = firstValue, [second] = secondValue }, new CentrifugoFlags([]));

        Assert.That(
            centrifugo.Settings.Select(pair => $"{pair.Key}={pair.Value}"),
            Is.EquivalentTo(new[] { "Proxies:client.proxy.connect:endpoint=http://a", "ConnectProxy=client.proxy.connect" }));
    }

    private static void AssertSettings(string json, string[] settings, string ignored)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(path, json);

        var centrifugo = CentrifugoConfiguration.Read(path, new Dictionary<string, string>(), new CentrifugoFlags([]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(centrifugo.Settings.Where(pair => pair.Value is not "false").Select(pair => $"{pair.Key}={pair.Value}"), Is.EquivalentTo(settings));
            Assert.That(string.Join(' ', centrifugo.Leftovers.Select(setting => setting.Name)), Is.EqualTo(ignored));
        }
    }

    private static string[] Common(string name, string path, params string[] more) =>
    [
        .. more,
        $"Proxies:{name}:endpoint=http://a/{path}", $"Proxies:{name}:http_headers:0=Cookie", $"Proxies:{name}:http_headers:1=Origin", $"Proxies:{name}:static_headers:X-Key=k",
        $"Proxies:{name}:include_connection_meta=True", $"Proxies:{name}:binary_encoding=True",
        $"Proxies:{name}:status_to_code_transforms:0:status_code=404", $"Proxies:{name}:status_to_code_transforms:0:to_error:code=404",
        $"Proxies:{name}:status_to_code_transforms:0:to_error:message=not found",
    ];
}
