using System.Net;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Clients;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Transports.Messages;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClawEvents.Broker.Tests.Transports;

/// <summary>The unidirectional stream over gRPC, consumed by a generated client.</summary>
[Checklist(194)]
[TestFixture(false)]
[TestFixture(true)]
public sealed class UniGrpcTests(bool isTls) : RunningBrokerTests, IDisposable
{
    private const int MaxMessageBytes = 4096;

    private readonly RunningCertificate _certificate = new();
    private GrpcChannel _channel = null!;

    private CentrifugoUniStream.CentrifugoUniStreamClient Client { get; set; } = null!;

    private protected override BrokerOptions Change(BrokerOptions options) => options with
    {
        Connections = options.Connections with { PingInterval = TimeSpan.FromSeconds(2), PongTimeout = TimeSpan.FromSeconds(1) },
        Grpc = new()
        {
            Stream = new("UniGrpc", "127.0.0.1", 0)
            {
                MaxMessageBytes = MaxMessageBytes,
                Tls = isTls ? new("UniGrpc", _certificate.CertificateFile, _certificate.KeyFile) : null,
            },
        },
    };

    [SetUp]
    public void OpenChannel()
    {
        _channel = GrpcCalls.Open(Broker.Urls[1]);
        Client = new(_channel);
    }

    [TearDown]
    public void CloseChannel() => _channel.Dispose();

    public void Dispose()
    {
        _channel?.Dispose();
        _certificate.Dispose();
    }

    [Test]
    public async Task A_stream_begins_with_a_connect_and_has_publications_and_pings()
    {
        using var call = Client.Consume(new() { Subs = { ["public.a"] = new() } });

        var connect = (await ReadAsync(call)).Connect;
        await Broker.PublishAsync("public.a", """{"a":1}""");
        var publication = await ReadAsync(call);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(connect.Subs.Keys, Is.EqualTo(new[] { "public.a" }));
            Assert.That((connect.Ping, connect.Pong, connect.Client.Length), Is.EqualTo((2, false, 36)));
            Assert.That(publication, Has.Property("Channel").EqualTo("public.a"));
            Assert.That(publication.Pub.Data.ToStringUtf8(), Is.EqualTo("""{"a":1}"""));
            Assert.That(await ReadAsync(call), Is.EqualTo(new Push()));
        }
    }

    [Test]
    public async Task A_long_publication_arrives_whole()
    {
        var data = $"\"{new string('x', 10_000)}\"";
        using var call = Client.Consume(new() { Subs = { ["public.a"] = new() } });
        await ReadAsync(call);

        await Broker.PublishAsync("public.a", data);

        Assert.That((await ReadAsync(call)).Pub.Data.ToStringUtf8(), Is.EqualTo(data));
    }

    [Test]
    public async Task A_token_says_who_connects()
    {
        using var call = Client.Consume(new() { Token = await Broker.RegisterAsync("alice") });
        await ReadAsync(call);

        await Broker.PostWithKeyAsync("/api/disconnect", """{"user":"alice","disconnect":{"code":4321,"reason":"bye"}}""");
        var last = await ReadAsync(call);

        Assert.That(last.Disconnect, Is.EqualTo(new Disconnect { Code = 4321, Reason = "bye" }));
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task An_invalid_token_is_a_disconnect_push()
    {
        using var call = Client.Consume(new() { Token = "no token" });

        Assert.That((await ReadAsync(call)).Disconnect.Code, Is.EqualTo(3500));
    }

    [Test]
    public async Task A_client_that_leaves_is_no_longer_connected()
    {
        using (var call = Client.Consume(new()))
        {
            await ReadAsync(call);
            Assert.That(await Broker.CountClientsAsync(), Is.EqualTo(1));
        }

        await Eventually.IsTrueAsync(async () => await Broker.CountClientsAsync() == 0);
    }

    [Test]
    public async Task A_request_over_the_limit_is_refused()
    {
        using var call = Client.Consume(new() { Token = new string('x', MaxMessageBytes + 1) });

        Assert.That(await StatusAsync(call), Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [TestCase(new byte[] { 0, 0, 0, 0 }, StatusCode.InvalidArgument)]
    [TestCase(new byte[] { 0, 0, 0, 0, 1 }, StatusCode.InvalidArgument)]
    [TestCase(new byte[] { 0, 255, 255, 255, 255 }, StatusCode.InvalidArgument)]
    [TestCase(new byte[] { 0, 0, 0, 0, 1, 0x0a }, StatusCode.InvalidArgument)]
    [TestCase(new byte[] { 1, 0, 0, 0, 0 }, StatusCode.Unimplemented)]
    public async Task A_malformed_request_is_refused(byte[] body, StatusCode status) =>
        Assert.That(await StatusOfAsync("/centrifugal.centrifugo.unistream.CentrifugoUniStream/Consume", body), Is.EqualTo(status));

    [Test]
    public async Task Another_method_is_unimplemented() =>
        Assert.That(await StatusOfAsync("/centrifugal.centrifugo.api.CentrifugoApi/Info", [0, 0, 0, 0, 0]), Is.EqualTo(StatusCode.Unimplemented));

    private async Task<StatusCode> StatusOfAsync(string path, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Broker.Urls[1], path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/grpc") } };
        using var response = await Broker.Http.SendAsync(request);
        return (StatusCode)int.Parse(response.Headers.GetValues("grpc-status").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<Push> ReadAsync(AsyncServerStreamingCall<Push> call)
    {
        Assert.That(await call.ResponseStream.MoveNext().WaitAsync(RunningBroker.Patience), Is.True);
        return call.ResponseStream.Current;
    }

    private static async Task<StatusCode> StatusAsync(AsyncServerStreamingCall<Push> call)
    {
        await Assert.ThatAsync(() => call.ResponseStream.MoveNext(), Throws.TypeOf<RpcException>());
        return call.GetStatus().StatusCode;
    }
}
