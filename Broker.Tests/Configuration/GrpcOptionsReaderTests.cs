using ClawEvents.Broker.Configuration;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class GrpcOptionsReaderTests
{
    [Test]
    public void Both_doors_are_closed_by_default() => Assert.That(Read(out _).IsOn, Is.False);

    [Test]
    public void Every_setting_is_read()
    {
        var file = typeof(GrpcOptionsReaderTests).Assembly.Location;
        var options = Read(
            out var faults,
            ("GrpcApi", "true"), ("GrpcApiPort", "1"), ("GrpcApiHost", "127.0.0.1"), ("GrpcApiKey", "k"), ("GrpcApiInsecure", "true"), ("GrpcApiErrorMode", "transport"),
            ("GrpcApiReflection", "true"), ("GrpcApiMaxMessageBytes", "2048"), ("GrpcApiTlsCertificateFile", file), ("GrpcApiTlsKeyFile", file), ("GrpcApiTlsClientAuthorityFile", file),
            ("UniGrpc", "true"), ("UniGrpcPort", "2"), ("UniGrpcHost", "*"), ("UniGrpcMaxMessageBytes", "4096"), ("UniGrpcTlsCertificateFile", file), ("UniGrpcTlsKeyFile", file));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(faults, Is.Empty);
            Assert.That(options, Is.EqualTo(new GrpcOptions
            {
                Api = new("GrpcApi", "127.0.0.1", 1) { MaxMessageBytes = 2048, Tls = new("GrpcApi", file, file, file) },
                ApiKey = "k",
                IsApiInsecure = true,
                ApiErrorsAreStatuses = true,
                HasApiReflection = true,
                Stream = new("UniGrpc", "*", 2) { MaxMessageBytes = 4096, Tls = new("UniGrpc", file, file) },
            }));
        }
    }

    [Test]
    public void Without_settings_the_ports_are_those_of_Centrifugo_on_the_host_of_the_public_port()
    {
        var options = Read(out var faults, ("GrpcApi", "true"), ("GrpcApiInsecure", "true"), ("UniGrpc", "true"));

        Assert.That(faults, Is.Empty);
        Assert.That((options.Api!.Host, options.Api.Port, options.Stream!.Host, options.Stream.Port), Is.EqualTo(("::1", 10_000, "::1", 11_000)));
    }

    [TestCase("GrpcApiKey: it is required with GrpcApi; or set GrpcApiInsecure, and anyone who reaches the port may publish and disconnect", "GrpcApi=true")]
    [TestCase("GrpcApiErrorMode: 'x' is not a mode; leave it out to have errors in replies", "GrpcApiErrorMode=x")]
    [TestCase("UniGrpcPort: 8080 is PORT, too", "UniGrpc=true", "UniGrpcPort=8080")]
    [TestCase("UniGrpcPort: 10000 is GrpcApiPort, too", "UniGrpc=true", "UniGrpcPort=10000", "GrpcApi=true", "GrpcApiKey=k")]
    [TestCase("UniGrpcTlsKeyFile: file '/nowhere' does not exist", "UniGrpcTlsKeyFile=/nowhere", "UniGrpcTlsCertificateFile=/")]
    [TestCase("UniGrpcTlsCertificateFile: it is missing, but UniGrpcTlsClientAuthorityFile is set", "UniGrpcTlsClientAuthorityFile=/dev/null")]
    [TestCase("GrpcApiTlsKeyFile: it is missing, but GrpcApiTlsCertificateFile is set", "GrpcApiTlsCertificateFile=/")]
    [TestCase("GrpcApiPort: '70000' is not a whole number from 0 to 65535", "GrpcApiPort=70000")]
    public void A_wrong_setting_is_named(string fault, params string[] settings)
    {
        Read(out var faults, [.. settings.Select(setting => setting.Split('=')).Select(parts => (parts[0], parts[1]))]);

        Assert.That(faults, Does.Contain(fault));
    }

    private static GrpcOptions Read(out List<string> faults, params (string Name, string Value)[] settings)
    {
        var found = new List<string>();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
        faults = found;
        return new GrpcOptionsReader(configuration, (name, fault, _) => found.Add($"{name}: {fault}")).Read(new() { Host = "::1" });
    }
}
