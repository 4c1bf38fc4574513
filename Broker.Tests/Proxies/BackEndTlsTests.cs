using ClawEvents.Broker.Http;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Telemetry;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClawEvents.Broker.Tests.Proxies;

/// <summary>TLS to real back ends that want a certificate of the broker, over HTTP and over gRPC.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BackEndTlsTests : IDisposable
{
    private static readonly ProxyCaller Caller = new(Guid.Parse("04f2e0b3-6a0e-4a7c-8d57-5f3e3a1f2c01"), "websocket", "json") { User = "u1" };

    private readonly BrokerMetrics _metrics = new();
    private readonly RunningCertificate _server = new();
    private readonly RunningCertificate _client = new();
    private readonly RunningCertificate _other = new();
    private readonly ProxySender _http = new(TimeProvider.System);
    private readonly GrpcSender _grpc = new(TimeProvider.System);
    private readonly List<IAsyncDisposable> _running = [];

    // The certificate is for localhost, and the back end is reached by its address.
    private ClientTls Right => new(_server.CertificateFile, _client.CertificateFile, _client.KeyFile, "localhost");

    [TearDown]
    public async Task Stop()
    {
        foreach (var running in _running)
        {
            await running.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _grpc.Dispose();
        _metrics.Dispose();
        _server.Dispose();
        _client.Dispose();
        _other.Dispose();
    }

    [Test]
    public async Task The_broker_shows_its_certificate([Values] bool isGrpc) => Assert.That(await AsksAsync(isGrpc, Right), Is.True);

    [Test]
    public async Task Certificates_may_be_texts_and_base64([Values] bool isGrpc) => Assert.That(
        await AsksAsync(isGrpc, new(await File.ReadAllTextAsync(_server.CertificateFile), Base64(_client.CertificateFile), Base64(_client.KeyFile), "localhost")), Is.True);

    [Test]
    public async Task Without_a_certificate_or_with_another_one_the_back_end_refuses([Values] bool isGrpc) => Assert.That(
        (await AsksAsync(isGrpc, Right with { Certificate = null, Key = null }), await AsksAsync(isGrpc, Right with { Certificate = _other.CertificateFile, Key = _other.KeyFile })), Is.EqualTo((false, false)));

    [Test]
    public async Task The_broker_refuses_another_authority_and_another_name([Values] bool isGrpc) => Assert.That(
        (await AsksAsync(isGrpc, Right with { Authorities = _other.CertificateFile }), await AsksAsync(isGrpc, Right with { ServerName = "example.com" })), Is.EqualTo((false, false)));

    [Test]
    public async Task Any_certificate_is_accepted_where_the_settings_say_so([Values] bool isGrpc) =>
        Assert.That(await AsksAsync(isGrpc, Right with { Authorities = null, ServerName = null, SkipsVerification = true }), Is.True);

    [Test]
    public async Task A_file_that_cannot_be_used_is_a_fault([Values] bool isGrpc) =>
        Assert.That(await AsksAsync(isGrpc, Right with { Certificate = _client.KeyFile }), Is.False);

    private async Task<bool> AsksAsync(bool isGrpc, ClientTls tls)
    {
        var proxy = (isGrpc ? await StartGrpcAsync() : await StartHttpAsync()) with { Tls = tls };
        var answer = await new BackEnds(_http, _grpc, _metrics, TimeProvider.System, NullLogger<BackEnds>.Instance)
            .RefreshAsync(proxy with { Name = $"{Guid.NewGuid()}" }, Caller, new ProxyEvent(ProxyEventKind.Refresh), CancellationToken.None);
        Assert.That(answer.Error, Is.Null.Or.EqualTo(ErrorCode.Internal));
        return answer.Error is null;
    }

    private async Task<ProxySettings> StartHttpAsync()
    {
        var far = await RunningBackEnd.StartAsync(_server, _client);
        _running.Add(far);
        return far.Settings();
    }

    private async Task<ProxySettings> StartGrpcAsync()
    {
        var far = await RunningGrpcBackEnd.StartAsync(_server, _client);
        _running.Add(far);
        return far.Settings;
    }

    private static string Base64(string file) => Convert.ToBase64String(File.ReadAllBytes(file));
}
