using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class ProxiesReaderTests
{
    private const string Whole = """
        {
          "Proxies": {
            "backend": {
              "endpoint": "https://example.com/centrifugo?x=1", "timeout": "250ms", "http_headers": ["Cookie", "X-Real-Ip"], "emulated_headers": "Authorization X-Token",
              "static_headers": {"X-Key": "the key"}, "binary_encoding": true, "include_connection_meta": true,
              "status_to_code_transforms": [
                {"status_code": 404, "to_error": {"code": 404, "message": "not found", "temporary": true}},
                {"status_code": 403, "to_disconnect": {"code": 4503, "reason": "banned"}}
              ]
            },
            "other": {"endpoint": "http://127.0.0.1:3000"}
          },
          "ConnectProxy": "backend", "RefreshProxy": "other", "RpcProxy": "BACKEND", "RpcNamespaces": {"shop": "other"}, "RpcPingMethod": "ping",
          "Namespaces": [{"name": "chat", "subscribe_proxy_enabled": true, "subscribe_proxy_name": "backend", "publish_proxy_enabled": true, "publish_proxy_name": "Other", "sub_refresh_proxy_name": "backend"}]
        }
        """;

    private readonly List<string> _faults = [];

    [Test]
    public void Every_option_is_read()
    {
        var (proxies, _) = Read(Whole);

        var backEnd = proxies.Find("backend")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_faults, Is.Empty);
            Assert.That((backEnd.Name, backEnd.Endpoint.AbsoluteUri, backEnd.Timeout), Is.EqualTo(("backend", "https://example.com/centrifugo?x=1", TimeSpan.FromMilliseconds(250))));
            Assert.That(backEnd.Headers, Is.EqualTo(new[] { "Cookie", "X-Real-Ip" }));
            Assert.That(backEnd.EmulatedHeaders, Is.EqualTo(new[] { "Authorization", "X-Token" }));
            Assert.That(backEnd.StaticHeaders, Is.EqualTo(new Dictionary<string, string> { ["X-Key"] = "the key" }));
            Assert.That((backEnd.UsesBase64, backEnd.IncludesMeta), Is.EqualTo((true, true)));
            Assert.That(backEnd.Transforms, Is.EquivalentTo(new Dictionary<int, StatusTransform>
            {
                [404] = new(new ErrorCode(404, "not found", true), null),
                [403] = new(null, new DisconnectCode(4503, "banned")),
            }));
            Assert.That(proxies.Headers, Is.EquivalentTo(new[] { "Cookie", "X-Real-Ip" }));
            Assert.That(proxies.EmulatedHeaders, Is.EquivalentTo(new[] { "Authorization", "X-Token" }));
        }
    }

    [Test]
    public void Options_that_are_not_set_have_their_defaults()
    {
        var (proxies, _) = Read("""{"Proxies":{"backend":{"endpoint":"http://127.0.0.1:3000"}}}""");

        var backEnd = proxies.Find("BackEnd")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((backEnd.Timeout, backEnd.UsesBase64, backEnd.IncludesMeta), Is.EqualTo((TimeSpan.FromSeconds(1), false, false)));
            Assert.That(backEnd.Headers.Count + backEnd.EmulatedHeaders.Count + backEnd.StaticHeaders.Count + backEnd.Transforms.Count, Is.Zero);
            Assert.That((proxies.Connect, proxies.Refresh, proxies.Rpc.IsOn), Is.EqualTo(((ProxySettings?)null, (ProxySettings?)null, false)));
        }
    }

    [Test]
    [Checklist(169)]
    public void A_method_is_answered_by_the_back_end_of_its_namespace()
    {
        var rpc = Read(Whole).Proxies.Rpc;

        Assert.That(
            new[] { "add", "shop:buy", "shop:a:b", "bank:pay", ":x", "" }.Select(method => rpc.Find(method)?.Name),
            Is.EqualTo(new[] { "backend", "other", "other", null, null, "backend" }));
        Assert.That((rpc.PingMethod, rpc.IsOn), Is.EqualTo(("ping", true)));
    }

    [Test]
    [Checklist(165)]
    public void A_namespace_asks_only_where_it_is_switched_on()
    {
        var (_, namespaces) = Read(Whole);

        var chat = namespaces.Find(TestChannel.Named("chat:a"))!;
        Assert.That((chat.SubscribeProxy, chat.PublishProxy, chat.SubRefreshProxy), Is.EqualTo(("backend", "other", (string?)null)));
    }

    [TestCase("", ExpectedResult = SubscribeStream.Unidirectional)]
    [TestCase(""","subscribe_stream_proxy_bidirectional":false""", ExpectedResult = SubscribeStream.Unidirectional)]
    [TestCase(""","subscribe_stream_proxy_bidirectional":true""", ExpectedResult = SubscribeStream.Bidirectional)]
    public SubscribeStream A_namespace_may_have_a_stream_for_each_subscription(string more)
    {
        var (_, namespaces) = Read("""{"Proxies":{"b":{"endpoint":"grpc://x:1"}},"WithoutNamespace":{"subscribe_stream_proxy_enabled":true,"subscribe_stream_proxy_name":"b" """ + more + "}}");

        var options = namespaces.Find(TestChannel.Named("plain"))!;
        Assert.That(_faults, Is.Empty);
        Assert.That(options.SubscribeProxy, Is.EqualTo("b"));
        return options.SubscribeStream;
    }

    [Test]
    public void No_back_end_is_asked_without_settings() => Assert.That(Read("{}").Proxies, Is.SameAs(ProxyOptions.None));

    [TestCase("""{"Proxies":{"b":{}}}""", "Proxies:b:endpoint: '' is not an absolute http or https address, nor grpc://HOST:PORT")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://localhost"}}}""", "Proxies:b:endpoint: 'grpc://localhost' is not an absolute http or https address, nor grpc://HOST:PORT")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://localhost:1/path"}}}""", "Proxies:b:endpoint: 'grpc://localhost:1/path' is not an absolute http or https address, nor grpc://HOST:PORT")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://localhost:1","grpc_tls":"true","grpc_tls_cert_file":"/etc/passwd"}}}""", "Proxies:b:grpc_tls_cert_file: it needs grpc_tls_key_file, and the other way round")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://localhost:1","grpc_tls":"true","grpc_tls_server_ca_file":"/nowhere"}}}""", "Proxies:b:grpc_tls_server_ca_file: file '/nowhere' does not exist")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://localhost:1","grpc_credentials_key":"a b","grpc_credentials_value":"v"}}}""", "Proxies:b:grpc_credentials_key: 'a b' is not a name of metadata: letters, digits, and any of - _ .")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"localhost:3000"}}}""", "Proxies:b:endpoint: 'localhost:3000' is not an absolute http or https address, nor grpc://HOST:PORT")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","timeout":"0"}}}""", "Proxies:b:timeout: '0' is not a duration above 0 and up to 60 s")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","timeout":"2m"}}}""", "Proxies:b:timeout: '2m' is not a duration above 0 and up to 60 s")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","timeout":"soon"}}}""", "Proxies:b:timeout: 'soon' is not a duration")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","http_headers":["a b"]}}}""", "Proxies:b:http_headers: 'a b' is not a header name")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","static_headers":{"a":"b\r\nc"}}}}""", "Proxies:b:static_headers:a: its value contains a character that is not allowed in a header")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","binary_encoding":"yes"}}}""", "Proxies:b:binary_encoding: 'yes' is neither true nor false")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","tls":true}}}""", "Proxies:b:tls: unknown option")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","status_to_code_transforms":[{"status_code":404}]}}}""", "Proxies:b:status_to_code_transforms:0: it needs to_error with a code above 0, or to_disconnect with a code from 3000 to 4999")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x","status_to_code_transforms":[{"status_code":404,"to_disconnect":{"code":1006}}]}}}""", "Proxies:b:status_to_code_transforms:0: it needs to_error with a code above 0, or to_disconnect with a code from 3000 to 4999")]
    [TestCase("""{"ConnectProxy":"backend"}""", "ConnectProxy: there is no back end 'backend' in Proxies")]
    [TestCase("""{"RpcNamespaces":{"shop":"backend"}}""", "RpcNamespaces:shop: there is no back end 'backend' in Proxies")]
    [TestCase("""{"Namespaces":[{"name":"chat","publish_proxy_enabled":true}]}""", "Namespaces:0:publish_proxy_name: there is no back end 'default' in Proxies")]
    [TestCase("""{"Proxies":{"default":{"endpoint":"http://x"}},"Namespaces":[{"name":"agent","subscribe_proxy_enabled":true}]}""", "Namespaces:0:name: channels of claw.events have their own permissions and cannot use a proxy")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"http://x"}},"WithoutNamespace":{"subscribe_stream_proxy_enabled":true,"subscribe_stream_proxy_name":"b"}}""", "WithoutNamespace:subscribe_stream_proxy_name: the endpoint of b must be grpc://, which alone has streams")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://x:1"}},"WithoutNamespace":{"subscribe_stream_proxy_enabled":true,"subscribe_stream_proxy_name":"b","publish_proxy_enabled":true,"publish_proxy_name":"b"}}""", "WithoutNamespace:subscribe_stream_proxy_enabled: a namespace with a stream for each subscription cannot use another proxy")]
    [TestCase("""{"Proxies":{"b":{"endpoint":"grpc://x:1"}},"WithoutNamespace":{"subscribe_stream_proxy_enabled":true,"subscribe_stream_proxy_name":"b","allow_tags_filter":true}}""", "WithoutNamespace:subscribe_stream_proxy_enabled: a namespace with a stream for each subscription cannot use allow_tags_filter")]
    public void A_wrong_setting_is_named(string json, string fault)
    {
        Read(json);

        Assert.That(_faults, Is.EqualTo(new[] { fault }));
    }

    private (ProxyOptions Proxies, ChannelNamespaces Namespaces) Read(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var proxies = new ProxiesReader(configuration, Fault);
        return (proxies.Read(), new NamespacesReader(Fault, proxies).Read(configuration));
    }

    private void Fault(string name, string fault, string example) => _faults.Add($"{name}: {fault}");
}
