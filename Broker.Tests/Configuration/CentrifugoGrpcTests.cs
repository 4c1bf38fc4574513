using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>The settings of gRPC in a Centrifugo's file, its variables and its flags.</summary>
[Checklist(193, 194)]
internal sealed class CentrifugoGrpcTests
{
    private static readonly string[] Api =
    [
        "GrpcApi=true", "GrpcApiHost=*", "GrpcApiPort=10001", "GrpcApiKey=k", "GrpcApiErrorMode=transport", "GrpcApiReflection=true", "GrpcApiMaxMessageBytes=2048",
        "GrpcApiTlsCertificateFile=/a", "GrpcApiTlsKeyFile=/b",
    ];

    private static readonly string[] Stream = ["UniGrpc=true", "UniGrpcHost=127.0.0.1", "UniGrpcPort=11001", "UniGrpcMaxMessageBytes=4096", "UniGrpcTlsCertificateFile=/c", "UniGrpcTlsKeyFile=/d"];

    private const string Version6 = """
        {
          "grpc_api": {"enabled": true, "address": "", "port": 10001, "key": "k", "error_mode": "transport", "reflection": true, "max_receive_message_size": 2048,
            "tls": {"enabled": true, "cert_pem": "/a", "key_pem": "/b"}},
          "uni_grpc": {"enabled": true, "address": "127.0.0.1", "port": 11001, "max_receive_message_size": 4096, "tls": {"enabled": true, "cert_pem": "/c", "key_pem": "/d"}}
        }
        """;

    private const string Version5 = """
        {
          "grpc_api": true, "grpc_api_address": "", "grpc_api_port": 10001, "grpc_api_key": "k", "grpc_api_error_mode": "transport", "grpc_api_reflection": true,
          "grpc_api_max_receive_message_size": 2048, "grpc_api_tls": true, "grpc_api_tls_cert": "/a", "grpc_api_tls_key": "/b",
          "uni_grpc": true, "uni_grpc_address": "127.0.0.1", "uni_grpc_port": 11001, "uni_grpc_max_receive_message_size": 4096,
          "uni_grpc_tls": true, "uni_grpc_tls_cert": "/c", "uni_grpc_tls_key": "/d"
        }
        """;

    [TestCase(Version6)]
    [TestCase(Version5)]
    public void All_of_them_are_read(string json) => Assert.That(SettingsOf(json), Is.EquivalentTo(Api.Concat(Stream)));

    [TestCase("""{"grpc_api":{"port":1},"uni_grpc":{"tls":{"enabled":false,"cert_pem":"/c","key_pem":"/d"}}}""", "GrpcApiPort=1")]
    [TestCase("""{"grpc_api":false}""", "GrpcApi=false")]
    public void A_section_without_its_switch_opens_nothing(string json, string setting) => Assert.That(SettingsOf(json), Is.EqualTo(new[] { setting }));

    [Test]
    public void Variables_and_flags_are_read()
    {
        var centrifugo = CentrifugoConfiguration.Read(
            null, new Dictionary<string, string> { ["CENTRIFUGO_GRPC_API_ENABLED"] = "true", ["CENTRIFUGO_GRPC_API_KEY"] = "k" }, new CentrifugoFlags(["--uni_grpc.enabled", "--grpc_api.port", "1"]));

        Assert.That(Lines(centrifugo), Is.EquivalentTo(new[] { "GrpcApi=true", "GrpcApiKey=k", "UniGrpc=true", "GrpcApiPort=1" }));
    }

    private static List<string> SettingsOf(string json)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(file, json);
        return Lines(CentrifugoConfiguration.Read(file, new Dictionary<string, string>(), new CentrifugoFlags([])));
    }

    private static List<string> Lines(CentrifugoConfiguration centrifugo) =>
        centrifugo.Settings.Where(setting => setting.Key.Contains("Grpc", StringComparison.Ordinal)).Select(setting => $"{setting.Key}={setting.Value}").ToList();
}
