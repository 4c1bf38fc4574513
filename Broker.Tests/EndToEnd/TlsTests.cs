using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>HTTP and WebSocket over TLS, on one port, with a certificate in PEM files.</summary>
[Checklist(182)]
public sealed class TlsTests : RunningBrokerTests, IDisposable
{
    private readonly RunningCertificate _certificate = new();

    private protected override BrokerOptions Change(BrokerOptions options) =>
        _certificate.Add(options) with { Connections = new() { UpgradeTimeout = TimeSpan.FromSeconds(1) } };

    public void Dispose() => _certificate.Dispose();

    [Test]
    public async Task HTTP_works_over_TLS() =>
        Assert.That(await Broker.SendAsync(HttpMethod.Get, "/health", null), Is.EqualTo(RunningAnswer.Json(200, RunningAnswer.Healthy)));

    [Test]
    public async Task Intermediate_certificates_in_the_file_are_sent()
    {
        using var chained = new RunningCertificate(isChained: true);
        await using var broker = await RunningBroker.StartAsync(chained.Add);
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Url.Host, broker.Url.Port);
        var sent = new List<string>();
        await using var secure = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, chain, _) =>
        {
            sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(certificate => certificate.Subject));
            return true;
        });

        await secure.AuthenticateAsClientAsync("localhost");

        Assert.That(sent, Does.Contain("CN=intermediate"));
    }

    [Test]
    public async Task A_WebSocket_receives_publications()
    {
        var client = await Broker.ConnectAsync(await Broker.RegisterAsync("alice"));
        await client.SubscribeAsync("public.a");

        var data = $"\"{new string('x', 100_000)}\"";
        await Broker.PublishAsync("public.a", data);

        Assert.That(await client.ReadPublicationAsync(), Is.EqualTo(data));
    }

    [Test]
    public async Task An_incomplete_head_ends_the_connection_after_a_time()
    {
        var client = await Broker.OpenAsync();

        await client.SendAsync(Broker.UpgradeRequest()[..100]);

        Assert.That(Encoding.ASCII.GetString(await client.ReadToEndAsync()), Does.StartWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task A_connection_lost_within_its_head_harms_nobody_at_its_timeout()
    {
        var cut = await Broker.OpenAsync();
        await cut.SendAsync(Broker.UpgradeRequest()[..100]);
        cut.Reset();
        var later = await Broker.OpenAsync();
        await later.SendAsync(Broker.UpgradeRequest()[..100]);

        // The later connection is closed at its time limit: so the earlier one has ended, too.
        Assert.That(Encoding.ASCII.GetString(await later.ReadToEndAsync()), Does.StartWith("HTTP/1.1 408 "));
        await Broker.ConnectAsync();
    }

    [Test]
    public async Task Plain_text_on_the_port_harms_nobody()
    {
        var plain = await RunningWebSocket.OpenAsync(new UriBuilder(Broker.Url) { Scheme = Uri.UriSchemeHttp }.Uri, receiveBuffer: 0);
        await using (plain)
        {
            await plain.SendAsync(Broker.UpgradeRequest());
            await plain.ReadToEndAsync();
        }

        await Broker.ConnectAsync();
    }
}
