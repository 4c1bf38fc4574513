using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>HTTP and WebSocket over TLS, on one port, with a certificate in PEM files.</summary>
public sealed class TlsTests : RunningBrokerTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clawevents-tls-");

    [TearDown]
    public void RemoveCertificate() => _folder.Delete(recursive: true);

    [Test]
    public async Task Http_works() =>
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/health", null), Is.EqualTo(RunningAnswer.Json(200, """{"ok":true}""")));

    [Test]
    public async Task A_websocket_gets_what_is_published()
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await client.SubscribeAsync("public.a");

        var data = $"\"{new string('x', 100_000)}\"";
        await Broker.PublishAsync("public.a", data);

        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo(data));
    }

    [Test]
    public async Task A_message_of_the_longest_length_gets_through()
    {
        var client = await Broker.ConnectAsync();

        var reply = await client.AskAsync("""{"id":2,"subscribe":{"channel":"public.a"}}""".PadRight(65_536));

        Assert.That(reply, Is.EqualTo("""{"id":2,"subscribe":{}}"""));
    }

    [Test]
    public async Task A_close_is_echoed_and_the_stream_ends()
    {
        var client = await Broker.ConnectAsync();

        await client.SendAsync(RunningFrame.Closing(1000, "bye"));

        Assert.That(await client.ReadCloseAsync(), Is.EqualTo((1000, "")));
        Assert.That(await client.ReadToEndAsync(), Is.Empty);
    }

    private protected override BrokerOptions Change(BrokerOptions options)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(_folder.FullName, "tls.pem"), Path.Combine(_folder.FullName, "tls.key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return options with { TlsCertificateFile = certificateFile, TlsKeyFile = keyFile };
    }
}
