using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Grpc.Messages;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>Ports that want a certificate of their clients, and an internal port with a TLS of its own.</summary>
public sealed class ClientCertificateTests : RunningBrokerTests, IDisposable
{
    private readonly RunningCertificate _server = new();
    private readonly RunningCertificate _internal = new();
    private readonly RunningCertificate _client = new();
    private readonly RunningCertificate _stranger = new();

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Listeners = options.Listeners with
        {
            TlsCertificateFile = _server.CertificateFile,
            TlsKeyFile = _server.KeyFile,
            TlsClientAuthorityFile = _client.CertificateFile,
            InternalPort = 0,
            OwnInternalTls = new("Internal", _internal.CertificateFile, File.ReadAllText(_internal.KeyFile)),
        },
        Grpc = new()
        {
            Api = new("GrpcApi", "127.0.0.1", 0) { MaxMessageBytes = 65536, Tls = new("GrpcApi", _server.CertificateFile, _server.KeyFile, _client.CertificateFile) },
            IsApiInsecure = true,
        },
    };

    public void Dispose()
    {
        foreach (var certificate in new[] { _server, _internal, _client, _stranger })
        {
            certificate.Dispose();
        }
    }

    [Test]
    public async Task HTTP_and_WebSocket_are_for_clients_with_a_certificate_that_the_authority_signed()
    {
        using var http = ClientWith(_client);
        using var webSocket = await ConnectAsync(_client);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)(await http.GetAsync(new Uri(Broker.Url, "/health"))).StatusCode, Is.EqualTo(200));
            Assert.That(await webSocket.AskAsync("""{"id":1,"connect":{}}"""), Does.StartWith("{\"id\":1,\"connect\":{"));
        }
    }

    [Test]
    public void Other_clients_do_not_get_past_the_handshake([Values] bool hasAnother)
    {
        using var http = ClientWith(hasAnother ? _stranger : null);

        Assert.That(() => http.GetAsync(new Uri(Broker.Url, "/health")), Throws.TypeOf<HttpRequestException>());
        Assert.That(() => ConnectAsync(hasAnother ? _stranger : null), Throws.TypeOf<WebSocketException>());
    }

    [Test]
    public async Task The_internal_port_has_its_own_certificate_and_needs_none_of_clients()
    {
        X509Certificate2? shown = null;
        using var http = ClientWith(null, certificate => shown = certificate);

        Assert.That((int)(await http.GetAsync(new Uri(Broker.InternalUrl, "/health"))).StatusCode, Is.EqualTo(200));
        using var own = X509CertificateLoader.LoadCertificateFromFile(_internal.CertificateFile);
        Assert.That(shown!.Thumbprint, Is.EqualTo(own.Thumbprint));
    }

    [Test]
    public async Task A_port_for_gRPC_wants_one_too()
    {
        using var handler = HandlerWith(_client);
        using var channel = GrpcChannel.ForAddress(Broker.Urls[1], new GrpcChannelOptions { HttpHandler = handler });
        using var strange = HandlerWith(null);
        using var closed = GrpcChannel.ForAddress(Broker.Urls[1], new GrpcChannelOptions { HttpHandler = strange });

        Assert.That((await new CentrifugoApi.CentrifugoApiClient(channel).InfoAsync(new InfoRequest())).Result.Nodes, Has.Count.EqualTo(1));
        Assert.That((await GrpcCalls.StatusOfAsync(new CentrifugoApi.CentrifugoApiClient(closed).InfoAsync(new InfoRequest()))).StatusCode, Is.Not.EqualTo(StatusCode.OK));
    }

    private async Task<ClientWebSocket> ConnectAsync(RunningCertificate? certificate)
    {
        var client = new ClientWebSocket();
        using var http = new HttpMessageInvoker(HandlerWith(certificate));
        await client.ConnectAsync(new UriBuilder(Broker.Url) { Scheme = "wss", Path = "/connection/websocket" }.Uri, http, CancellationToken.None).WaitAsync(RunningBroker.Patience);
        return client;
    }

    private static HttpClient ClientWith(RunningCertificate? certificate, Action<X509Certificate2>? onServer = null) =>
        new(HandlerWith(certificate, onServer)) { Timeout = RunningBroker.Patience };

    private static SocketsHttpHandler HandlerWith(RunningCertificate? certificate, Action<X509Certificate2>? onServer = null)
    {
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The test made the certificate itself.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) =>
        {
            onServer?.Invoke(new X509Certificate2((X509Certificate2)server!));
            return true;
        };
#pragma warning restore CA5359
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile)];
        }

        return handler;
    }
}
